package ai.cacheblend.orchestrator.run;

import ai.cacheblend.orchestrator.client.CheckedPrompt;
import ai.cacheblend.orchestrator.client.PromptSegment;
import ai.cacheblend.orchestrator.client.WorkerClient;
import ai.cacheblend.orchestrator.client.WorkerException;
import ai.cacheblend.orchestrator.plan.Arm;
import ai.cacheblend.orchestrator.plan.NamedArm;
import com.google.common.primitives.ImmutableIntArray;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Asks a worker what blending makes of a prompt. Nothing of it is timed. */
final class ExampleRecorder {
  private final WorkerClient worker;
  private final List<NamedArm> arms;

  /**
   * @param arms of the run; those that blend are asked about
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
  Optional<ExamplePrompt> record(String label, List<PromptSegment> segments) {
    if (arms.isEmpty()) {
      return Optional.empty();
    }
    List<ImmutableIntArray> chunks = PromptSegment.chunksOf(segments).stream().distinct().toList();
    if (!chunks.isEmpty()) {
      worker.collect(chunks);
    }
    List<ExamplePrompt.Choice> choices = new ArrayList<>();
    for (NamedArm arm : arms) {
      CheckedPrompt checked = worker.check(segments, arm.arm());
      choices.add(
          new ExamplePrompt.Choice(arm.name(), checked.activePositions(), checked.layerScores()));
    }
    ImmutableIntArray.Builder ids = ImmutableIntArray.builder();
    segments.forEach(segment -> ids.addAll(segment.tokenIds()));
    List<String> pieces = new TokenPieces(worker::detokenize).of(ids.build());
    return Optional.of(new ExamplePrompt(label, segments, pieces, choices));
  }
}
