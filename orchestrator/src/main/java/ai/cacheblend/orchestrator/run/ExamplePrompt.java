package ai.cacheblend.orchestrator.run;

import ai.cacheblend.orchestrator.client.LayerScores;
import ai.cacheblend.orchestrator.client.PromptSegment;
import java.util.List;

/**
 * A prompt of a run in text, and what each blending arm recomputes of it.
 *
 * @param label what the prompt is one of, such as {@code 512 tokens}
 * @param pieces text of each token; joined they are the prompt's text. Empty for special tokens,
 *     and for all but the first of the tokens that spell one character
 */
public record ExamplePrompt(
    String label, List<PromptSegment> segments, List<String> pieces, List<Choice> choices) {

  /**
   * What an arm recomputes.
   *
   * @param activePositions rows that stay active to the last layer, ascending
   */
  public record Choice(String arm, List<Integer> activePositions, List<LayerScores> layerScores) {
    public Choice {
      activePositions = List.copyOf(activePositions);
      layerScores = List.copyOf(layerScores);
    }
  }

  public ExamplePrompt {
    segments = List.copyOf(segments);
    pieces = List.copyOf(pieces);
    choices = List.copyOf(choices);
    int tokenCount = PromptSegment.shapeOf(segments).promptTokenCount();
    if (pieces.size() != tokenCount) {
      throw new IllegalArgumentException(
          "example has " + pieces.size() + " pieces, expected one for each of " + tokenCount);
    }
  }
}
