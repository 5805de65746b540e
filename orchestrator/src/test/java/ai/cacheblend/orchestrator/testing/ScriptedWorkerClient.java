package ai.cacheblend.orchestrator.testing;

import ai.cacheblend.host.Build;
import ai.cacheblend.host.HostReading;
import ai.cacheblend.orchestrator.client.CallTimes;
import ai.cacheblend.orchestrator.client.CheckedPrompt;
import ai.cacheblend.orchestrator.client.CollectedChunk;
import ai.cacheblend.orchestrator.client.GenerateCall;
import ai.cacheblend.orchestrator.client.GenerateResult;
import ai.cacheblend.orchestrator.client.LoadReport;
import ai.cacheblend.orchestrator.client.PendingCall;
import ai.cacheblend.orchestrator.client.PromptSegment;
import ai.cacheblend.orchestrator.client.StepCounts;
import ai.cacheblend.orchestrator.client.WorkerClient;
import ai.cacheblend.orchestrator.client.WorkerDescription;
import ai.cacheblend.orchestrator.client.WorkerException;
import ai.cacheblend.orchestrator.plan.Arm;
import ai.cacheblend.orchestrator.plan.PrefixReuse;
import ai.cacheblend.orchestrator.plan.RowCounts;
import ai.cacheblend.orchestrator.plan.Tier;
import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.ImmutableLongArray;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A worker that fulfils the contract and takes scripted time on a {@link ManualClock}. Tests script
 * failures before calls, and changes of answers. For several threads.
 *
 * <p>One token per character. Row counts follow the definition of the arm.
 */
public final class ScriptedWorkerClient implements WorkerClient {
  public static final int BLOCK_TOKENS = 16;
  private static final int LAYERS = 2;
  private static final int BOS = 1;
  private static final int FIRST_CHARACTER_ID = 2;
  private static final long KV_BYTES_PER_TOKEN = 1024;
  private static final int MAX_SEQUENCE_TOKENS = 100_000;

  private final String address;
  private final ManualClock clock;
  private String tierKv = "native";
  private final List<String> calls = new ArrayList<>();
  private final Set<ImmutableIntArray> stored = new HashSet<>();

  /** Prompts of {@code prefix_caching}. */
  private final List<ImmutableIntArray> prompts = new ArrayList<>();

  private Consumer<String> beforeCall = call -> {};
  private ToLongFunction<GenerateCall> ttftNanos = call -> 1_000_000;
  private UnaryOperator<GenerateResult> answer = result -> result;
  private Function<GenerateCall, String> text = call -> "answer";
  private LongSupplier foreignRequests = () -> 0;
  private Supplier<Optional<HostReading>> host = Optional::empty;
  private long collectNanos;
  private String tier = "device";

  public ScriptedWorkerClient(String address, ManualClock clock) {
    this.address = address;
    this.clock = clock;
  }

  /**
   * Runs before every call, with the name of the call: {@code reset}, {@code collect}, {@code
   * check}, {@code generate}. The call throws its exceptions.
   */
  public ScriptedWorkerClient beforeCall(Consumer<String> action) {
    this.beforeCall = action;
    return this;
  }

  /** Sets the client TTFT of answers. */
  public ScriptedWorkerClient ttft(ToLongFunction<GenerateCall> nanos) {
    this.ttftNanos = nanos;
    return this;
  }

  /** Sets the number of requests of other clients. */
  public ScriptedWorkerClient foreignRequests(LongSupplier counts) {
    this.foreignRequests = counts;
    return this;
  }

  /** Sets the number format of chunks below the device. */
  public void tierKv(String format) {
    tierKv = format;
  }

  /** Sets the load of the worker's host, by call of {@link #describe}. */
  public ScriptedWorkerClient host(Supplier<Optional<HostReading>> readings) {
    this.host = readings;
    return this;
  }

  /** Sets the duration of collect calls. */
  public ScriptedWorkerClient collectNanos(long nanos) {
    this.collectNanos = nanos;
    return this;
  }

  /** Sets the text of answers. */
  public ScriptedWorkerClient text(Function<GenerateCall, String> newText) {
    this.text = newText;
    return this;
  }

  /** Changes every answer, for example to break the contract. */
  public ScriptedWorkerClient answer(UnaryOperator<GenerateResult> change) {
    this.answer = change;
    return this;
  }

  /** Calls so far: {@code reset}, {@code collect}, {@code check} and {@code generate METHOD}. */
  public synchronized List<String> calls() {
    return List.copyOf(calls);
  }

  /** The failure of a worker that went away. */
  public WorkerException unreachable() {
    return failure(WorkerException.Kind.UNREACHABLE, "UNAVAILABLE", "connection lost");
  }

  /** The failure of one call. */
  public WorkerException failed() {
    return failure(WorkerException.Kind.FAILED, "INTERNAL", "scripted failure");
  }

  private WorkerException failure(WorkerException.Kind kind, String status, String reason) {
    return new WorkerException(kind, address, status, reason, null);
  }

  private synchronized void begin(String name, String detail) {
    calls.add(name + detail);
    beforeCall.accept(name);
  }

  @Override
  public String address() {
    return address;
  }

  @Override
  public WorkerDescription describe() {
    return new WorkerDescription(
        new WorkerDescription.Model(
            "scripted",
            "MistralForCausalLM",
            "f00d",
            "fp32",
            LAYERS,
            8,
            24,
            2,
            1,
            4,
            70_000,
            MAX_SEQUENCE_TOKENS,
            0,
            List.of(1),
            OptionalInt.of(BOS),
            List.of(),
            "c0de",
            KV_BYTES_PER_TOKEN,
            "",
            "/models/scripted",
            WorkerDescription.ChatFormat.NONE),
        new WorkerDescription.Device("cpu", "scripted", 1, "baseline", Map.of()),
        new WorkerDescription.Limits(MAX_SEQUENCE_TOKENS, 1),
        new WorkerDescription.Memory(BLOCK_TOKENS, 1 << 20, 1 << 20, Set.of(Tier.HOST), tierKv),
        new WorkerDescription.Versions(
            new Build("1", Optional.empty(), false, "c0de5"), "11b", false, "1", "17"),
        new WorkerDescription.Launch(List.of(), List.of()),
        StepCounts.NONE,
        host.get(),
        address);
  }

  @Override
  public List<ImmutableIntArray> tokenize(List<String> texts, boolean addSpecialTokens) {
    return texts.stream()
        .map(
            t ->
                ImmutableIntArray.builder()
                    .addAll(addSpecialTokens ? List.of(BOS) : List.of())
                    .addAll(t.chars().map(c -> FIRST_CHARACTER_ID + c))
                    .build())
        .toList();
  }

  @Override
  public List<String> detokenize(List<ImmutableIntArray> tokenIds) {
    return tokenIds.stream()
        .map(
            ids ->
                ids.stream()
                    .filter(id -> id >= FIRST_CHARACTER_ID)
                    .mapToObj(id -> Character.toString(id - FIRST_CHARACTER_ID))
                    .collect(Collectors.joining()))
        .toList();
  }

  @Override
  public synchronized List<CollectedChunk> collect(List<ImmutableIntArray> chunks) {
    begin("collect", "");
    clock.advance(collectNanos);
    return chunks.stream().map(this::store).toList();
  }

  private CollectedChunk store(ImmutableIntArray chunk) {
    boolean hit = !stored.add(chunk);
    return new CollectedChunk(
        "key-" + chunk.hashCode(),
        chunk.length(),
        chunk.length() * KV_BYTES_PER_TOKEN,
        hit,
        hit ? 0 : 1);
  }

  @Override
  public CheckedPrompt check(List<PromptSegment> segments, Arm arm) {
    begin("check", "");
    RowCounts rows = RowCounts.expected(arm, PromptSegment.shapeOf(segments), LAYERS);
    int active = rows.recomputedTokenCount() + rows.computedTokenCount();
    return new CheckedPrompt(
        PromptSegment.chunksOf(segments).stream().map(chunk -> "key-" + chunk.hashCode()).toList(),
        rows.promptTokenCount(),
        rows.promptTokenCount() - rows.computedTokenCount(),
        List.of(),
        IntStream.range(0, active).boxed().toList(),
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
    begin("generate", " " + call.arm().getClass().getSimpleName());
    long sent = clock.read();
    long ttft = ttftNanos.applyAsLong(call);
    clock.advance(ttft);
    long first = sent + ttft;
    return answer.apply(
        new GenerateResult(
            ImmutableIntArray.copyOf(IntStream.range(0, call.maxNewTokens())),
            text.apply(call),
            "max_new_tokens",
            call.maxNewTokens(),
            rows(call),
            new GenerateResult.WorkerDurations(0, 0, 0, ttft, 0, ttft, 0),
            new CallTimes(
                sent,
                sent,
                first,
                first,
                ImmutableLongArray.copyOf(Collections.nCopies(call.maxNewTokens(), first)),
                first),
            ImmutableDoubleArray.of(),
            List.of(),
            List.of(),
            List.of(),
            call.arm() instanceof Arm.FullPrefill ? Map.of() : tierRows(call),
            LoadReport.NONE));
  }

  private synchronized RowCounts rows(GenerateCall call) {
    ImmutableIntArray.Builder all = ImmutableIntArray.builder();
    call.segments().forEach(segment -> all.addAll(segment.tokenIds()));
    ImmutableIntArray ids = all.build();
    int shared = 0;
    for (ImmutableIntArray earlier : prompts) {
      int common = 0;
      while (common < Math.min(ids.length(), earlier.length())
          && ids.get(common) == earlier.get(common)) {
        common++;
      }
      shared = Math.max(shared, common);
    }
    if (call.arm() instanceof Arm.PrefixCaching) {
      prompts.add(ids);
    }
    return RowCounts.expected(
        call.arm(),
        PromptSegment.shapeOf(call.segments()),
        LAYERS,
        new PrefixReuse(BLOCK_TOKENS, shared));
  }

  @Override
  public synchronized void demote(List<String> keys, Tier newTier) {
    begin("demote", " " + newTier.id() + " " + keys.size());
    tier = newTier.id();
  }

  /** Chunks move to the device when they are read. */
  private synchronized Map<String, Integer> tierRows(GenerateCall call) {
    int rows =
        call.segments().stream()
            .filter(PromptSegment::cached)
            .mapToInt(segment -> segment.tokenIds().length())
            .sum();
    Map<String, Integer> tierRows = Map.of(tier, rows);
    tier = "device";
    return tierRows;
  }

  @Override
  public synchronized int reset() {
    begin("reset", "");
    int count = stored.size();
    prompts.clear();
    stored.clear();
    return count;
  }

  @Override
  public long takeForeignRequestCount() {
    return foreignRequests.getAsLong();
  }

  @Override
  public void close() {}
}
