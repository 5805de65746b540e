package ai.cacheblend.benchmarks.aa;

import ai.cacheblend.host.Build;
import ai.cacheblend.orchestrator.client.CallTimes;
import ai.cacheblend.orchestrator.client.CheckedPrompt;
import ai.cacheblend.orchestrator.client.CollectedChunk;
import ai.cacheblend.orchestrator.client.GenerateCall;
import ai.cacheblend.orchestrator.client.GenerateResult;
import ai.cacheblend.orchestrator.client.PendingCall;
import ai.cacheblend.orchestrator.client.PromptSegment;
import ai.cacheblend.orchestrator.client.StepCounts;
import ai.cacheblend.orchestrator.client.WorkerClient;
import ai.cacheblend.orchestrator.client.WorkerDescription;
import ai.cacheblend.orchestrator.plan.Arm;
import ai.cacheblend.orchestrator.plan.RowCounts;
import ai.cacheblend.orchestrator.plan.Tier;
import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.ImmutableLongArray;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Returns the expected row counts of each arm, after durations of a {@link NoisyMachine}; computes
 * nothing.
 */
final class SimulatedWorker implements WorkerClient {
  private static final double TRANSPORT_SECONDS = 0.5e-3;
  private static final double TOKEN_SECONDS = 1e-3;
  private static final int LAYERS = 4;
  private static final double OVERHEAD_SECONDS = 10e-3;

  /** Time to first token on a quiet machine. */
  interface Prefill {
    double seconds(Arm arm);
  }

  private final NoisyMachine machine;
  private final Prefill prefill;

  SimulatedWorker(NoisyMachine machine, Prefill prefill) {
    this.machine = machine;
    this.prefill = prefill;
  }

  @Override
  public String address() {
    return "simulated:1";
  }

  @Override
  public WorkerDescription describe() {
    return new WorkerDescription(
        new WorkerDescription.Model(
            "simulated",
            "none",
            "0",
            "fp32",
            LAYERS,
            64,
            192,
            4,
            2,
            16,
            256,
            4096,
            0,
            List.of(1),
            OptionalInt.empty(),
            List.of(),
            "0",
            1024,
            "",
            "",
            WorkerDescription.ChatFormat.NONE),
        new WorkerDescription.Device("simulated", "simulated", 1, "", Map.of()),
        new WorkerDescription.Limits(4096, 1),
        new WorkerDescription.Memory(64, 1 << 20, 1 << 20, Set.of(), ""),
        new WorkerDescription.Versions(
            new Build("simulated", Optional.empty(), false, ""), "", false, "none", "none"),
        new WorkerDescription.Launch(List.of(), List.of()),
        StepCounts.NONE,
        Optional.empty(),
        "simulated");
  }

  /** One token per byte. */
  @Override
  public List<ImmutableIntArray> tokenize(List<String> texts, boolean addSpecialTokens) {
    return texts.stream()
        .map(text -> text.getBytes(StandardCharsets.UTF_8))
        .map(
            bytes ->
                ImmutableIntArray.copyOf(
                    IntStream.range(0, bytes.length).map(i -> Byte.toUnsignedInt(bytes[i]))))
        .toList();
  }

  @Override
  public List<String> detokenize(List<ImmutableIntArray> tokenIds) {
    return tokenIds.stream()
        .map(ImmutableIntArray::toArray)
        .map(ids -> IntStream.of(ids).mapToObj(Character::toString).collect(Collectors.joining()))
        .toList();
  }

  @Override
  public List<CollectedChunk> collect(List<ImmutableIntArray> chunks) {
    machine.advance(machine.nanosOf(OVERHEAD_SECONDS));
    return chunks.stream()
        .map(chunk -> new CollectedChunk("key", chunk.length(), chunk.length(), false, 1))
        .toList();
  }

  @Override
  public CheckedPrompt check(List<PromptSegment> segments, Arm arm) {
    machine.advance(machine.nanosOf(OVERHEAD_SECONDS));
    RowCounts rows = RowCounts.expected(arm, PromptSegment.shapeOf(segments), LAYERS);
    return new CheckedPrompt(
        Collections.nCopies(PromptSegment.chunksOf(segments).size(), "key"),
        rows.promptTokenCount(),
        rows.promptTokenCount() - rows.computedTokenCount(),
        List.of(),
        IntStream.range(0, rows.recomputedTokenCount() + rows.computedTokenCount())
            .boxed()
            .toList(),
        rows.computedTokenCount());
  }

  @Override
  public PendingCall<List<CollectedChunk>> startCollect(List<ImmutableIntArray> chunks) {
    throw new UnsupportedOperationException("one call at a time");
  }

  @Override
  public PendingCall<GenerateResult> startGenerate(GenerateCall call, long intendedNanos) {
    throw new UnsupportedOperationException("one call at a time");
  }

  @Override
  public GenerateResult generate(GenerateCall call) {
    long sentNanos = machine.read();
    long ttftNanos = machine.nanosOf(prefill.seconds(call.arm()));
    long firstNanos = sentNanos + ttftNanos + machine.nanosOf(TRANSPORT_SECONDS);
    long decodeNanos = machine.nanosOf(TOKEN_SECONDS * (call.maxNewTokens() - 1));
    long lastNanos = firstNanos + decodeNanos;
    machine.advance(lastNanos - sentNanos);
    return new GenerateResult(
        ImmutableIntArray.copyOf(IntStream.range(0, call.maxNewTokens())),
        "",
        "max_new_tokens",
        call.maxNewTokens(),
        RowCounts.expected(call.arm(), PromptSegment.shapeOf(call.segments()), LAYERS),
        new GenerateResult.WorkerDurations(0, 0, 0, ttftNanos, 0, ttftNanos, decodeNanos),
        new CallTimes(
            sentNanos,
            sentNanos,
            firstNanos,
            firstNanos,
            ImmutableLongArray.of(firstNanos, lastNanos),
            lastNanos),
        ImmutableDoubleArray.of(),
        List.of(),
        List.of(),
        List.of());
  }

  @Override
  public void demote(List<String> keys, Tier tier) {
    throw new UnsupportedOperationException("the simulated worker has no tiers");
  }

  @Override
  public int reset() {
    return 0;
  }

  @Override
  public long takeForeignRequestCount() {
    return 0;
  }

  @Override
  public void close() {}
}
