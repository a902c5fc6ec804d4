/** Settings of every stack that tests start: fewer partitions start faster, and more than one shows that order is per key. */
export const TEST_SETTINGS: Readonly<Record<string, string>> = { KAFKA_PARTITIONS: '3' };
