package ebasvuru.streams;

/** A record for the topic of the commands. */
record Command(byte[] key, byte[] value) { }
