package ai.cacheblend.orchestrator.plan;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import java.util.ArrayList;
import java.util.List;

/**
 * The segment lengths of a prompt, which determine its row counts.
 *
 * @param parts in prompt order
 */
public record PromptShape(List<Part> parts) {

  /** One segment. */
  public record Part(int tokenCount, boolean cached) {
    public Part {
      require(tokenCount >= 1, "segment has " + tokenCount + " tokens; use 1 or more");
    }
  }

  public PromptShape {
    parts = List.copyOf(parts);
    require(!parts.isEmpty(), "segments is empty; a prompt needs at least one token");
  }

  public int promptTokenCount() {
    return parts.stream().mapToInt(Part::tokenCount).sum();
  }

  public int cachedTokenCount() {
    return parts.stream().filter(Part::cached).mapToInt(Part::tokenCount).sum();
  }

  /** The shape in which these parts are not cached. */
  public PromptShape computing(List<Integer> indices) {
    List<Part> changed = new ArrayList<>(parts);
    for (int index : indices) {
      changed.set(index, new Part(parts.get(index).tokenCount(), false));
    }
    return new PromptShape(changed);
  }

  /** Cached rows without the last row of the prompt, which is always computed. */
  public int eligibleRowCount() {
    return cachedTokenCount() - (lastRowIsCached() ? 1 : 0);
  }

  /** {@link #eligibleRowCount} by chunk. */
  public List<Integer> eligibleRowsPerChunk() {
    List<Integer> rows = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      if (parts.get(i).cached()) {
        rows.add(parts.get(i).tokenCount() - (i == parts.size() - 1 ? 1 : 0));
      }
    }
    return rows;
  }

  private boolean lastRowIsCached() {
    return parts.get(parts.size() - 1).cached();
  }
}
