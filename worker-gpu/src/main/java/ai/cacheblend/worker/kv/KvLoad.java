package ai.cacheblend.worker.kv;

/**
 * Time that stored KV took to reach a sequence. The two are equal where nothing runs beside the
 * load, as on the CPU.
 *
 * @param busyNanos time in which KV of chunks was transferred and injected
 * @param waitNanos part of it in which compute had reached the layer and waited
 */
public record KvLoad(long busyNanos, long waitNanos) {
  public static final KvLoad NONE = new KvLoad(0, 0);

  public KvLoad {
    if (waitNanos < 0 || waitNanos > busyNanos) {
      throw new IllegalArgumentException(
          "waitNanos is %d, must be 0 to busyNanos, %d".formatted(waitNanos, busyNanos));
    }
  }
}
