package ai.cacheblend.orchestrator.load;

import ai.cacheblend.orchestrator.client.CallStarter;
import ai.cacheblend.orchestrator.client.CallTimes;
import ai.cacheblend.orchestrator.client.CollectedChunk;
import ai.cacheblend.orchestrator.client.GenerateCall;
import ai.cacheblend.orchestrator.client.GenerateResult;
import ai.cacheblend.orchestrator.client.PendingCall;
import ai.cacheblend.orchestrator.client.PromptSegment;
import ai.cacheblend.orchestrator.client.WorkerException;
import ai.cacheblend.orchestrator.plan.RowCounts;
import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.ImmutableLongArray;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;

/** A queue with one server, first come, first served, and a chunk store that evicts the oldest. */
final class SimulatedServer implements CallStarter {
  private final String address;
  private final SimulatedPace pace;
  private final LongSupplier serviceNanos;
  private final Map<ImmutableIntArray, Boolean> store = new LinkedHashMap<>();
  final List<String> calls = new ArrayList<>();
  long gapNanos;
  long collectNanos;
  int queueCapacity = Integer.MAX_VALUE;
  int storeCapacity = Integer.MAX_VALUE;
  boolean gone;
  private long freeNanos;
  private int inSystem;

  SimulatedServer(String address, SimulatedPace pace, LongSupplier serviceNanos) {
    this.address = address;
    this.pace = pace;
    this.serviceNanos = serviceNanos;
  }

  @Override
  public String address() {
    return address;
  }

  @Override
  public PendingCall<List<CollectedChunk>> startCollect(List<ImmutableIntArray> chunks) {
    calls.add("collect " + chunks.size());
    CompletableFuture<List<CollectedChunk>> result = new CompletableFuture<>();
    pace.at(
        pace.nanos() + collectNanos,
        () -> result.complete(chunks.stream().map(this::put).toList()));
    return new PendingCall<>(sentNow(), result);
  }

  private CollectedChunk put(ImmutableIntArray chunk) {
    boolean hit = store.put(chunk, true) != null;
    if (store.size() > storeCapacity) {
      store.remove(store.keySet().iterator().next());
    }
    return new CollectedChunk("key", chunk.length(), 1, hit, hit ? 0 : 1);
  }

  private PendingCall.Moment sentNow() {
    PendingCall.Moment sent = new PendingCall.Moment();
    sent.at(pace.nanos());
    return sent;
  }

  @Override
  public PendingCall<GenerateResult> startGenerate(GenerateCall call, long intendedNanos) {
    calls.add("generate");
    CompletableFuture<GenerateResult> result = new CompletableFuture<>();
    PendingCall.Moment firstToken = new PendingCall.Moment();
    long now = pace.nanos();
    if (gone) {
      fail(result, WorkerException.Kind.UNREACHABLE, "UNAVAILABLE");
    } else if (call.arm().readsChunks()
        && !store.keySet().containsAll(PromptSegment.chunksOf(call.segments()))) {
      fail(result, WorkerException.Kind.REFUSED, "NOT_FOUND");
    } else if (inSystem > queueCapacity) {
      fail(result, WorkerException.Kind.EXHAUSTED, "RESOURCE_EXHAUSTED");
    } else {
      inSystem++;
      long start = Math.max(now, freeNanos);
      long first = start + serviceNanos.getAsLong();
      long end = first + gapNanos * (call.maxNewTokens() - 1);
      freeNanos = end;
      pace.at(first, () -> firstToken.at(first));
      pace.at(
          end,
          () -> {
            inSystem--;
            result.complete(answer(call, intendedNanos, now, start, first));
          });
    }
    return new PendingCall<>(sentNow(), firstToken, result);
  }

  private void fail(CompletableFuture<?> result, WorkerException.Kind kind, String status) {
    pace.at(
        pace.nanos(),
        () ->
            result.completeExceptionally(
                new WorkerException(kind, address, status, "simulated", null)));
  }

  private GenerateResult answer(
      GenerateCall call, long intended, long sent, long start, long first) {
    int count = call.maxNewTokens();
    return new GenerateResult(
        ImmutableIntArray.copyOf(IntStream.range(0, count)),
        "",
        "max_new_tokens",
        count,
        RowCounts.expected(call.arm(), PromptSegment.shapeOf(call.segments()), 1),
        new GenerateResult.WorkerDurations(
            start - sent, 0, 0, first - start, 0, first - start, gapNanos * (count - 1)),
        new CallTimes(
            intended,
            sent,
            sent,
            first,
            ImmutableLongArray.copyOf(
                IntStream.range(0, count).mapToLong(i -> first + i * gapNanos)),
            pace.nanos()),
        ImmutableDoubleArray.of(),
        List.of(),
        List.of(),
        List.of());
  }
}
