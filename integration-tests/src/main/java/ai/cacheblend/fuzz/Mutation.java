package ai.cacheblend.fuzz;

import java.util.Arrays;
import java.util.Random;

/** Changes bytes of an encoded message. */
final class Mutation {
  private Mutation() {}

  static byte[] of(byte[] message, Random random) {
    byte[] mutated = message;
    for (int change = 1 + random.nextInt(4); change > 0; change--) {
      mutated = change(mutated, random);
    }
    return mutated;
  }

  private static byte[] change(byte[] message, Random random) {
    int at = random.nextInt(message.length + 1);
    byte[] head = Arrays.copyOf(message, at);
    byte[] tail = Arrays.copyOfRange(message, at, message.length);
    return switch (random.nextInt(5)) {
      case 0 -> head;
      case 1 -> concat(head, randomBytes(random, 1 + random.nextInt(8)), tail);
      case 2 -> concat(head, head, tail);
      case 3 -> concat(head, new byte[] {-1, -1, -1, -1, 15}, tail);
      default -> {
        byte[] flipped = message.clone();
        if (flipped.length > 0) {
          flipped[random.nextInt(flipped.length)] ^= (byte) (1 << random.nextInt(8));
        }
        yield flipped;
      }
    };
  }

  private static byte[] randomBytes(Random random, int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    return bytes;
  }

  private static byte[] concat(byte[]... parts) {
    int length = Arrays.stream(parts).mapToInt(part -> part.length).sum();
    byte[] all = new byte[length];
    int at = 0;
    for (byte[] part : parts) {
      System.arraycopy(part, 0, all, at, part.length);
      at += part.length;
    }
    return all;
  }
}
