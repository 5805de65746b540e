package ai.cacheblend.mock;

import java.util.List;
import java.util.function.Consumer;

/** The behaviour of a mock worker. Instances do not change; {@code with…} methods return copies. */
public final class MockScript {
  public static final long KV_BYTES_PER_TOKEN = 1024;

  private String fingerprint = "5eed";
  private boolean bos = true;
  private String chatTemplate = "";
  private List<Integer> checkLayers = List.of(1, 2, 3);
  private int maxSequenceTokenCount = 32_768;
  private int queueCapacity = 64;
  private long chunkBudgetBytes = 1L << 32;
  private AnswerTokens answers = AnswerTokens.hashed();
  private Delays delays = Delays.NONE;
  private MockDevice device = MockDevice.cpu();
  private List<Fault> faults = List.of();

  private MockScript() {}

  /** A worker without delays and faults. */
  public static MockScript sound() {
    return new MockScript();
  }

  /** The fingerprint of the model. */
  public MockScript withFingerprint(String other) {
    return with(copy -> copy.fingerprint = other);
  }

  /** A model without a BOS token. */
  public MockScript withoutBos() {
    return with(copy -> copy.bos = false);
  }

  /** A checkpoint with a chat template. */
  public MockScript withChatTemplate(String other) {
    return with(copy -> copy.chatTemplate = other);
  }

  /**
   * Limits of the worker.
   *
   * @param maxSequenceTokens prompt and new tokens of one request together
   * @param maxQueued number of waiting requests
   * @param chunkBytes memory for chunks, at {@link #KV_BYTES_PER_TOKEN} per token
   */
  public MockScript withLimits(int maxSequenceTokens, int maxQueued, long chunkBytes) {
    return with(
        copy -> {
          copy.maxSequenceTokenCount = maxSequenceTokens;
          copy.queueCapacity = maxQueued;
          copy.chunkBudgetBytes = chunkBytes;
        });
  }

  public MockScript withAnswers(AnswerTokens other) {
    return with(copy -> copy.answers = other);
  }

  public MockScript withDelays(Delays other) {
    return with(copy -> copy.delays = other);
  }

  public MockScript withDevice(MockDevice other) {
    return with(copy -> copy.device = other);
  }

  public MockScript withFaults(Fault... other) {
    return with(copy -> copy.faults = List.of(other));
  }

  private MockScript with(Consumer<MockScript> change) {
    MockScript copy = new MockScript();
    copy.fingerprint = fingerprint;
    copy.bos = bos;
    copy.chatTemplate = chatTemplate;
    copy.checkLayers = checkLayers;
    copy.maxSequenceTokenCount = maxSequenceTokenCount;
    copy.queueCapacity = queueCapacity;
    copy.chunkBudgetBytes = chunkBudgetBytes;
    copy.answers = answers;
    copy.delays = delays;
    copy.device = device;
    copy.faults = faults;
    change.accept(copy);
    return copy;
  }

  String fingerprint() {
    return fingerprint;
  }

  boolean bos() {
    return bos;
  }

  String chatTemplate() {
    return chatTemplate;
  }

  List<Integer> checkLayers() {
    return checkLayers;
  }

  int maxSequenceTokenCount() {
    return maxSequenceTokenCount;
  }

  int queueCapacity() {
    return queueCapacity;
  }

  long chunkBudgetBytes() {
    return chunkBudgetBytes;
  }

  AnswerTokens answers() {
    return answers;
  }

  Delays delays() {
    return delays;
  }

  MockDevice device() {
    return device;
  }

  List<Fault> faults() {
    return faults;
  }
}
