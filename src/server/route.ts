/** One path with the methods it knows; any other method is told which those are. */
import type { Context, Handler, Hono } from 'hono';
import { problem } from './problem.ts';

export function route(
  app: Hono,
  path: string,
  methods: { readonly GET?: Handler; readonly POST?: Handler },
): void {
  const { GET, POST } = methods;
  if (GET !== undefined) app.get(path, GET);
  if (POST !== undefined) app.post(path, POST);
  const allowed = [...(GET ? ['GET', 'HEAD'] : []), ...(POST ? ['POST'] : [])].join(', ');
  app.all(path, (c: Context) =>
    problem(
      { status: 405, title: 'method not allowed', detail: `${c.req.path} takes ${allowed}.` },
      { allow: allowed },
    ),
  );
}
