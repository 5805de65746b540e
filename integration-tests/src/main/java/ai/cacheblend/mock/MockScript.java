package ai.cacheblend.mock;

import java.util.List;

/**
 * What a mock worker is and does.
 *
 * @param fingerprint of the model it claims to serve
 * @param bos whether that model has a BOS token
 * @param maxSequenceTokenCount prompt and new tokens of one request together
 * @param queueCapacity requests that may wait
 * @param chunkBudgetBytes memory for chunks, at {@link #KV_BYTES_PER_TOKEN} a token
 */
public record MockScript(
    String fingerprint,
    boolean bos,
    List<Integer> checkLayers,
    int maxSequenceTokenCount,
    int queueCapacity,
    long chunkBudgetBytes,
    AnswerTokens answers,
    Delays delays,
    MockDevice device,
    List<Fault> faults) {
  public static final long KV_BYTES_PER_TOKEN = 1024;

  public MockScript {
    checkLayers = List.copyOf(checkLayers);
    faults = List.copyOf(faults);
  }

  /** A sound worker without delays. */
  public static MockScript sound() {
    return new MockScript(
        "5eed",
        true,
        List.of(1, 2, 3),
        32_768,
        64,
        1L << 32,
        AnswerTokens.hashed(),
        Delays.NONE,
        MockDevice.cpu(),
        List.of());
  }

  public MockScript withFingerprint(String other) {
    return new MockScript(
        other,
        bos,
        checkLayers,
        maxSequenceTokenCount,
        queueCapacity,
        chunkBudgetBytes,
        answers,
        delays,
        device,
        faults);
  }

  public MockScript withoutBos() {
    return new MockScript(
        fingerprint,
        false,
        checkLayers,
        maxSequenceTokenCount,
        queueCapacity,
        chunkBudgetBytes,
        answers,
        delays,
        device,
        faults);
  }

  public MockScript withLimits(int maxSequenceTokens, int maxQueued, long chunkBytes) {
    return new MockScript(
        fingerprint,
        bos,
        checkLayers,
        maxSequenceTokens,
        maxQueued,
        chunkBytes,
        answers,
        delays,
        device,
        faults);
  }

  public MockScript withAnswers(AnswerTokens other) {
    return new MockScript(
        fingerprint,
        bos,
        checkLayers,
        maxSequenceTokenCount,
        queueCapacity,
        chunkBudgetBytes,
        other,
        delays,
        device,
        faults);
  }

  public MockScript withDelays(Delays other) {
    return new MockScript(
        fingerprint,
        bos,
        checkLayers,
        maxSequenceTokenCount,
        queueCapacity,
        chunkBudgetBytes,
        answers,
        other,
        device,
        faults);
  }

  public MockScript withDevice(MockDevice other) {
    return new MockScript(
        fingerprint,
        bos,
        checkLayers,
        maxSequenceTokenCount,
        queueCapacity,
        chunkBudgetBytes,
        answers,
        delays,
        other,
        faults);
  }

  public MockScript withFaults(Fault... other) {
    return new MockScript(
        fingerprint,
        bos,
        checkLayers,
        maxSequenceTokenCount,
        queueCapacity,
        chunkBudgetBytes,
        answers,
        delays,
        device,
        List.of(other));
  }
}
