/** Loaded into a program before all else: writes each host and port that it connects to into a file, a line each. */
import { appendFileSync } from 'node:fs';
import { Socket } from 'node:net';

const file = process.env.RECORD_CONNECTIONS;
const connect = Socket.prototype.connect;
Socket.prototype.connect = function (...given) {
  const [first] = Array.isArray(given[0]) ? given[0] : given;
  const {
    host = 'localhost',
    port,
    path,
  } = typeof first === 'object' && first !== null ? first : { port: first, host: given[1] };
  if (path === undefined || path === null) appendFileSync(file, `${host}:${port}\n`);
  return connect.apply(this, given);
};
