package ai.cacheblend.orchestrator.dataset;

/**
 * A part of a prompt's text. A cached part is a chunk, whose KV is collected once and may be
 * reused.
 */
public record PromptPart(String text, boolean cached) {
  public PromptPart {
    if (text.isEmpty()) {
      throw new IllegalArgumentException("A prompt part needs text");
    }
  }
}
