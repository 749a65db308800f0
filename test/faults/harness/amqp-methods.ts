/** What tells a method of AMQP 0-9-1 in the bytes of a connection: its class and its number. */
function method(classId: number, methodId: number): Buffer {
  return Buffer.from([0, classId, 0, methodId]);
}

export const AMQP_METHODS = {
  connectionOpen: method(10, 40),
  queueDeclare: method(50, 10),
  basicPublish: method(60, 40),
  basicConsume: method(60, 20),
  basicAck: method(60, 80),
};
