package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.encoder.SentenceEncoder;
import ai.cacheblend.hub.TokenizerLibrary;
import ai.cacheblend.hub.UserDirectories;
import ai.cacheblend.orchestrator.console.Progress;
import ai.cacheblend.orchestrator.plan.Retrieval;
import ai.cacheblend.orchestrator.run.TextEncoder;
import java.time.Duration;
import java.util.function.Supplier;

/** The sentence encoder of runs with retrieval. Its libraries are loaded on the first use. */
final class Encoders {
  private static final Duration PROGRESS_INTERVAL = Duration.ofSeconds(10);

  private Encoders() {}

  /** Opens the encoder. It prints its progress unless {@code style} is silent. */
  static Supplier<TextEncoder> of(Console console, Progress.Style style) {
    return () -> {
      TokenizerLibrary.configure(console.environment(), UserDirectories.of(console.environment()));
      Shown encoder = new Shown(console, style != Progress.Style.SILENT, SentenceEncoder.load());
      encoder.show("embedding chunks with " + Retrieval.ENCODER);
      return encoder;
    };
  }

  /** Prints the number of embedded texts at intervals. */
  private static final class Shown implements TextEncoder {
    private final Console console;
    private final boolean shown;
    private final SentenceEncoder encoder;
    private int count;
    private long shownNanos;

    Shown(Console console, boolean shown, SentenceEncoder encoder) {
      this.console = console;
      this.shown = shown;
      this.encoder = encoder;
      this.shownNanos = console.clock().ticker().read();
    }

    void show(String state) {
      if (shown) {
        console.err().println("retrieval: " + state);
      }
    }

    @Override
    public float[] embed(String text) {
      float[] embedding = encoder.embed(text);
      count++;
      long nowNanos = console.clock().ticker().read();
      if (nowNanos - shownNanos >= PROGRESS_INTERVAL.toNanos()) {
        shownNanos = nowNanos;
        show(count + " texts embedded");
      }
      return embedding;
    }

    @Override
    public void close() {
      show(count + " texts embedded, complete");
      encoder.close();
    }
  }
}
