package ai.cacheblend.orchestrator.run;

import ai.cacheblend.orchestrator.client.CheckedPrompt;
import ai.cacheblend.orchestrator.client.PromptSegment;
import ai.cacheblend.orchestrator.client.WorkerClient;
import ai.cacheblend.orchestrator.client.WorkerException;
import ai.cacheblend.orchestrator.plan.Arm;
import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.records.Example;
import com.google.common.primitives.ImmutableIntArray;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Records which rows each blending arm recomputes of a prompt. Not timed. */
final class ExampleRecorder {
  private final WorkerClient worker;
  private final List<NamedArm> arms;

  /**
   * @param arms of the run; only blending arms are recorded
   */
  ExampleRecorder(WorkerClient worker, List<NamedArm> arms) {
    this.worker = worker;
    this.arms = arms.stream().filter(arm -> arm.arm() instanceof Arm.CacheBlend).toList();
  }

  /**
   * Stores the prompt's chunks and checks it. Empty if no arm blends.
   *
   * @throws WorkerException if the worker does not answer
   */
  Optional<Example> record(String label, List<PromptSegment> segments) {
    if (arms.isEmpty()) {
      return Optional.empty();
    }
    List<ImmutableIntArray> chunks = PromptSegment.chunksOf(segments).stream().distinct().toList();
    if (!chunks.isEmpty()) {
      worker.collect(chunks);
    }
    Map<String, Example.Selection> selections = new LinkedHashMap<>();
    for (NamedArm arm : arms) {
      CheckedPrompt checked = worker.check(segments, arm.arm());
      selections.put(
          arm.name(), new Example.Selection(checked.activePositions(), checked.layerScores()));
    }
    ImmutableIntArray.Builder ids = ImmutableIntArray.builder();
    segments.forEach(segment -> ids.addAll(segment.tokenIds()));
    List<String> pieces = new TokenPieces(worker::detokenize).of(ids.build());
    return Optional.of(new Example(label, split(segments, pieces), selections));
  }

  private static List<Example.Segment> split(List<PromptSegment> segments, List<String> pieces) {
    List<Example.Segment> split = new ArrayList<>();
    int first = 0;
    for (PromptSegment segment : segments) {
      int end = first + segment.tokenIds().length();
      split.add(
          new Example.Segment(segment.cached(), segment.tokenIds(), pieces.subList(first, end)));
      first = end;
    }
    return split;
  }
}
