/**
 * Seeds that once found something: what it was, and was mended. They are run for ever, also when the
 * world has changed so much that they do not find it any more.
 */
export const CORPUS: ReadonlyMap<number, string> = new Map([
  [6, 'a reopening that was stored, and whose storing nobody lived to hear of'],
  [20, '"it is over" was still tried, and told after the page that it is down again'],
  [30, 'a witness that was being looked at when the network went was not believed'],
  [52, 'the clock was set back over a restart: ends overtook their pages'],
  [54, 'the end was given up after a vendor had hung for a minute'],
  [55, 'a witness hung for as long as the page waited for it'],
  [74, 'a page left, the daemon died for half an hour, and its end was never told'],
  [90, 'the clock was set back over a restart: failures of an hour ago were counted'],
  [91, 'a bundle with an end in it was refused, and only its pages went another way'],
  [125, 'the clock was set back over a restart: deadlines moved'],
  [347, 'a page left while it was being withheld, and the daemon died: its end was never told'],
  [592, 'a bundle had left at a crash, and the end of one that had just ended was never told'],
  [1392, 'a bundle that waited for its turn was sent after all that it was about had ended'],
  [1508, 'an end that was put off for half an hour was given up at the first unclear answer'],
  [1571, 'an end that waited in a bundle was lost when that went into another'],
  [2112, 'a bundle was sent after all that it was about had ended'],
  [2144, 'an end waited in a bundle, and the daemon was away for hours'],
  [2150, 'a bundle was tried again after all that it was about had ended'],
]);
