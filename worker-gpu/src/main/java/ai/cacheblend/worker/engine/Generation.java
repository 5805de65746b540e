package ai.cacheblend.worker.engine;

import ai.cacheblend.worker.blend.RowPlan;
import ai.cacheblend.worker.chunks.ChunkStore;
import ai.cacheblend.worker.kv.KvSequence;
import ai.cacheblend.worker.model.Positions;
import ai.cacheblend.worker.model.StepInput;
import ai.cacheblend.worker.model.StepOutput;
import com.google.common.base.Ticker;
import com.google.common.primitives.ImmutableIntArray;
import java.util.Arrays;
import java.util.List;

/** Prefill, then one token at a time. Runs on the scheduler thread. */
final class Generation {
  private final Resources resources;
  private final Blend blend;

  Generation(Resources resources) {
    this.resources = resources;
    this.blend = new Blend(resources.runner());
  }

  GenerateResult run(
      GenerateCommand command, TokenSink sink, Interruption interruption, long queueNanos) {
    Ticker ticker = resources.ticker();
    long scheduledAt = ticker.read();
    int promptTokenCount = Math.toIntExact(command.prompt().tokenCount());
    Answer answer = new Answer(command, resources.model(), resources.codec());
    try (PromptChunks chunks =
            resources.lease(command.prompt(), command.arm(), ChunkStore.Use.GENERATE);
        KvSequence sequence = resources.pool().reserve(promptTokenCount + command.maxNewTokens())) {
      chunks.injectInto(sequence);
      RowPlan plan = resources.planner().plan(command.prompt().layout(), command.arm());
      ReturnOptions wanted = command.returnOptions();
      StepOutput first =
          blend.run(
              command.prompt(),
              command.arm(),
              plan,
              sequence,
              answer.wantsLogits() || wanted.firstTopLogitCount() > 0,
              wanted.layerScores(),
              wanted.activePositions());
      long logitsAt = ticker.read();
      int token = answer.choose(first);
      long firstTokenAt = ticker.read();
      interruption.check();
      sink.accept(answer.accept(token, first));

      long lastTokenAt = firstTokenAt;
      for (int position = promptTokenCount; answer.reason().isEmpty(); position++) {
        StepOutput output =
            resources
                .runner()
                .run(decodeStep(sequence, token, position, plan, answer.wantsLogits()));
        token = answer.choose(output);
        lastTokenAt = ticker.read();
        interruption.check();
        sink.accept(answer.accept(token, output));
      }
      String heldText = answer.finish();
      return new GenerateResult(
          answer.reason().orElseThrow(),
          heldText,
          Blend.rowCounts(plan),
          new Durations(
              queueNanos,
              sequence.kvLoad(),
              logitsAt - scheduledAt,
              firstTokenAt - logitsAt,
              lastTokenAt - firstTokenAt),
          answer.tokenCount(),
          wanted.firstTopLogitCount() > 0
              ? Sampler.top(Answer.logits(first), wanted.firstTopLogitCount(), 0)
              : List.of(),
          first.activePositions(),
          first.layerScores());
    }
  }

  private static StepInput decodeStep(
      KvSequence sequence, int token, int position, RowPlan plan, boolean wantsLogits) {
    int[] keepAll = new int[plan.keepCounts().length()];
    Arrays.fill(keepAll, -1);
    return new StepInput(
        sequence.handle(),
        ImmutableIntArray.of(token),
        Positions.only(position),
        ImmutableIntArray.copyOf(keepAll),
        false,
        wantsLogits,
        false,
        List.of());
  }
}
