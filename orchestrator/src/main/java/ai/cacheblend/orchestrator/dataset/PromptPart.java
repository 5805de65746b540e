package ai.cacheblend.orchestrator.dataset;

/**
 * A run of prompt text. A cached part is a chunk: its KV is collected once and may be reused; the
 * others are fresh.
 */
public record PromptPart(String text, boolean cached) {
  public PromptPart {
    if (text.isEmpty()) {
      throw new IllegalArgumentException("A prompt part needs text");
    }
  }
}
