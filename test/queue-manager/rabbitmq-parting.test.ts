import { expect } from 'chai';
import { eventually } from '../support/eventually.js';
import { rabbitFixture } from './harness.js';

/** What tells a method of AMQP in the bytes of a connection: its class and its number. */
const method = (classId: number, methodId: number): Buffer => Buffer.from([0, classId, 0, methodId]);

const ANSWERS: Readonly<Record<string, Buffer>> = {
  'that the connection is open': method(10, 41),
  'that a channel is open': method(20, 11),
  'that it will confirm': method(85, 11),
};

/** `connection.close` with 320, as a broker says that is shut down. */
function farewell(): Buffer {
  const text = Buffer.from('CONNECTION_FORCED');
  const payload = Buffer.concat([
    method(10, 50),
    Buffer.from([320 >> 8, 320 & 0xff, text.length]),
    text,
    Buffer.alloc(4),
  ]);
  const header = Buffer.alloc(7);
  header.writeUInt8(1, 0);
  header.writeUInt32BE(payload.length, 3);
  return Buffer.concat([header, payload, Buffer.from([0xce])]);
}

/** The client reads both at once, and is told of the end before it has been given what it asked for. */
describe('a broker that says goodbye in one breath with an answer', () => {
  const fixture = rabbitFixture();

  for (const [answer, bytes] of Object.entries(ANSWERS))
    it(`${answer}: is connected to again, and can be left`, async () => {
      fixture.proxy.endBehind(bytes, farewell());
      const manager = fixture.create({ confirmTimeoutMs: 500 });
      manager.subscribe({ prefetch: 10, onHint: fixture.hints.onHint });
      await eventually('rung for', async () => {
        await manager.ring(['a']);
        return fixture.hints.items.length > 0;
      });
      expect(fixture.proxy.accepted).to.equal(3);
      await manager.close(1_000);
    });
});
