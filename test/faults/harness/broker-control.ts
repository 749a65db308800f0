import { rabbitmqctl } from '../../support/servers/index.js';

/** Runs Erlang in the broker; gives what it prints. */
function evaluate(expression: string): Promise<string> {
  return rabbitmqctl('eval', `${expression}.`);
}

/** The broker closes the channels of all consumers of a queue: it is told that they settled what they never had. */
export async function closeChannels(queue: string): Promise<void> {
  const consumers = 'I <- rabbit_amqqueue:consumers_all(<<"/">>)';
  const ofQueue = `{resource, _, _, <<"${queue}">>} <- [proplists:get_value(queue_name, I)]`;
  const acknowledge = "rabbit_channel:do(proplists:get_value(channel_pid, I), {'basic.ack', 999999, false})";
  await evaluate(`[${acknowledge} || ${consumers}, ${ofQueue}]`);
}

/** Sets the broker otherwise, for the channels that are opened from now on. Values in milliseconds. */
export async function setBroker(settings: Readonly<Record<string, number>>): Promise<void> {
  const calls = Object.entries(settings).map(
    ([name, value]) => `application:set_env(rabbit, ${name}, ${value})`,
  );
  await evaluate(calls.join());
}

/** Works with the broker set otherwise, for the channels that are opened meanwhile. Values in milliseconds. */
export async function withBrokerSettings(
  settings: Readonly<Record<string, number>>,
  work: () => Promise<void>,
): Promise<void> {
  const names = Object.keys(settings);
  const before = await evaluate(
    `[begin {ok, V} = application:get_env(rabbit, N), V end || N <- [${names.join()}]]`,
  );
  const values = JSON.parse(before) as number[];
  await setBroker(settings);
  try {
    await work();
  } finally {
    await setBroker(Object.fromEntries(names.map((name, index) => [name, values[index] ?? 0])));
  }
}

/** The broker thinks that it is short of memory, and reads no more from connections that publish. */
export async function alarmMemory(): Promise<void> {
  await rabbitmqctl('set_vm_memory_high_watermark', '0');
}

/** Ends `alarmMemory`. */
export async function calmMemory(): Promise<void> {
  await rabbitmqctl('set_vm_memory_high_watermark', '0.4');
}
