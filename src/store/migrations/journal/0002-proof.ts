/** Pages and incidents of before wait for no receipt: what was accepted then counts as told. */
export const sql = `
  UPDATE incident SET body = json_set(body, '$.proofDueAt', NULL);
  UPDATE notification SET body = json_set(body, '$.proofDueAt', NULL);
`;
