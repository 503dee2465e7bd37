import { killOften } from './kills.ts';
const t=performance.now();
const all = await Promise.all([1,2,3,4].map((s) => killOften(s, Number(process.argv[2] ?? 5))));
console.log(all, ((performance.now()-t)/1000).toFixed(1));
