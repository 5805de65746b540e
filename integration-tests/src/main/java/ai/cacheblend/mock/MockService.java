package ai.cacheblend.mock;

import ai.cacheblend.proto.v1.AcquireLeaseRequest;
import ai.cacheblend.proto.v1.AcquireLeaseResponse;
import ai.cacheblend.proto.v1.Arm;
import ai.cacheblend.proto.v1.CheckRequest;
import ai.cacheblend.proto.v1.CheckResponse;
import ai.cacheblend.proto.v1.CheckedChunk;
import ai.cacheblend.proto.v1.CollectRequest;
import ai.cacheblend.proto.v1.CollectResponse;
import ai.cacheblend.proto.v1.CollectedChunk;
import ai.cacheblend.proto.v1.DescribeRequest;
import ai.cacheblend.proto.v1.DescribeResponse;
import ai.cacheblend.proto.v1.GenerateRequest;
import ai.cacheblend.proto.v1.GenerateResponse;
import ai.cacheblend.proto.v1.ReleaseLeaseRequest;
import ai.cacheblend.proto.v1.ReleaseLeaseResponse;
import ai.cacheblend.proto.v1.ResetRequest;
import ai.cacheblend.proto.v1.ResetResponse;
import ai.cacheblend.proto.v1.Segment;
import ai.cacheblend.proto.v1.TokenIdCodec;
import ai.cacheblend.proto.v1.TokenizeRequest;
import ai.cacheblend.proto.v1.TokenizeResponse;
import ai.cacheblend.proto.v1.WorkerGrpc;
import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.Ints;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.UUID;
import java.util.function.IntFunction;

/** Implements {@code cacheblend.v1.Worker}. */
final class MockService extends WorkerGrpc.WorkerImplBase {
  private final MockScript script;
  private final MockFaults faults;
  private final MockJournal journal;
  private final MockClock clock;
  private final MockLoop loop;
  private final MockLeases leases;
  private final String instanceId = UUID.randomUUID().toString();
  private final MockChunks chunks;
  private final MockPrefixes prefixes = new MockPrefixes();
  private final Turns turns;

  MockService(
      MockScript script,
      MockFaults faults,
      MockJournal journal,
      MockClock clock,
      MockLoop loop,
      MockLeases leases) {
    this.leases = leases;
    this.script = script;
    this.faults = faults;
    this.journal = journal;
    this.clock = clock;
    this.loop = loop;
    this.chunks = new MockChunks(script.fingerprint(), script.chunkBudgetBytes());
    this.turns = new Turns(script.queueCapacity());
  }

  /** Answers with one message, or with the status that {@code answerOfCall} throws. */
  private <A> void answer(Fault.Method method, StreamObserver<A> out, IntFunction<A> answerOfCall) {
    try {
      A answer = answerOfCall.apply(faults.begin(method));
      out.onNext(answer);
      out.onCompleted();
    } catch (StatusRuntimeException e) {
      out.onError(e);
    }
  }

  @Override
  public void describe(DescribeRequest request, StreamObserver<DescribeResponse> out) {
    answer(
        Fault.Method.DESCRIBE,
        out,
        call -> {
          int prompts = journal.described();
          return MockDescription.of(script, prompts).toBuilder()
              .setChunks(chunks.statistics())
              .setInstanceId(instanceId)
              .setLeases(leases.statistics())
              .build();
        });
  }

  @Override
  public void tokenize(TokenizeRequest request, StreamObserver<TokenizeResponse> out) {
    answer(
        Fault.Method.TOKENIZE,
        out,
        call -> {
          TokenizeResponse.Builder response = TokenizeResponse.newBuilder();
          for (String text : request.getTextsList()) {
            ImmutableIntArray.Builder ids = ImmutableIntArray.builder();
            if (request.getAddSpecialTokens() && script.bos()) {
              ids.add(MockTokenizer.BOS);
            }
            ids.addAll(MockTokenizer.encode(text));
            response.addTokenIds(TokenIdCodec.encode(ids.build().toArray()));
          }
          request
              .getTokenIdsList()
              .forEach(
                  ids ->
                      response.addTexts(
                          MockTokenizer.decode(Ints.asList(TokenIdCodec.decode(ids)))));
          return response.build();
        });
  }

  @Override
  public void collect(CollectRequest request, StreamObserver<CollectResponse> out) {
    answer(
        Fault.Method.COLLECT,
        out,
        call -> {
          if (request.getChunksCount() == 0) {
            throw MockPrompt.invalid("chunks is empty; give at least one");
          }
          CollectResponse.Builder response = CollectResponse.newBuilder();
          for (Segment segment : request.getChunksList()) {
            response.addChunks(collect(MockPrompt.ids(segment, response.getChunksCount())));
          }
          return response.build();
        });
  }

  private CollectedChunk collect(ImmutableIntArray ids) {
    String key = chunks.key(ids);
    long startNanos = clock.nanos();
    boolean computed = chunks.add(key, MockChunks.byteCount(ids));
    if (computed) {
      clock.waitUntil(
          startNanos + ids.length() * script.delays().collectPerToken().toNanos(), () -> false);
    }
    journal.collected(key);
    return CollectedChunk.newBuilder()
        .setKey(key)
        .setTokenCount(ids.length())
        .setByteCount(MockChunks.byteCount(ids))
        .setOutcome(
            computed ? CollectedChunk.Outcome.OUTCOME_COMPUTED : CollectedChunk.Outcome.OUTCOME_HIT)
        .setComputeNanos(computed ? clock.nanos() - startNanos : 0)
        .build();
  }

  @Override
  public void check(CheckRequest request, StreamObserver<CheckResponse> out) {
    answer(
        Fault.Method.CHECK,
        out,
        call -> {
          MockPrompt prompt = MockPrompt.of(request.getSegmentsList());
          if (!readsChunks(request.getArm())) {
            throw MockPrompt.invalid(
                "arm is full_prefill or prefix_caching; use full_kv_reuse or cacheblend");
          }
          MockRows rows = MockRows.of(prompt, request.getArm(), script.checkLayers());
          requireCollected(prompt);
          CheckResponse.Builder response =
              CheckResponse.newBuilder()
                  .setPromptTokenCount(prompt.length())
                  .setEligibleTokenCount(prompt.length() - rows.forced())
                  .addAllLayerScores(rows.scores())
                  .addAllActivePositions(rows.active())
                  .setForcedRowCount(rows.forced());
          for (MockPrompt.Part chunk : prompt.chunks()) {
            response.addChunks(
                CheckedChunk.newBuilder()
                    .setSegmentIndex(chunk.segmentIndex())
                    .setKey(chunks.key(chunk.ids()))
                    .setFirstPosition(chunk.first())
                    .setTokenCount(chunk.ids().length()));
          }
          return response.build();
        });
  }

  private void requireCollected(MockPrompt prompt) {
    for (MockPrompt.Part chunk : prompt.chunks()) {
      if (!chunks.contains(chunks.key(chunk.ids()))) {
        throw Status.NOT_FOUND
            .withDescription(
                "segments[" + chunk.segmentIndex() + "] is not collected; call Collect first")
            .asRuntimeException();
      }
    }
  }

  @Override
  public void generate(GenerateRequest request, StreamObserver<GenerateResponse> out) {
    long arrivedNanos = Arrival.nanosOfCurrentCall();
    ServerCallStreamObserver<GenerateResponse> call =
        (ServerCallStreamObserver<GenerateResponse>) out;
    call.setOnCancelHandler(() -> {});
    try {
      int number = faults.begin(Fault.Method.GENERATE);
      MockPrompt prompt = MockPrompt.of(request.getSegmentsList());
      requireFit(request, prompt);
      MockRows rows = rows(prompt, request.getArm());
      if (readsChunks(request.getArm())) {
        requireCollected(prompt);
      }
      journal.generated(prompt, MockAnswer.name(request.getArm()));
      try {
        turns.acquire();
      } catch (StatusRuntimeException e) {
        journal.abandoned();
        throw e;
      }
      long turnNanos = Math.max(arrivedNanos, turns.freeNanos());
      long endNanos = turnNanos;
      try {
        endNanos =
            new MockAnswer(
                    script, faults, journal, clock, loop, number, request, prompt, rows, call)
                .send(arrivedNanos, turnNanos);
      } finally {
        turns.release(endNanos);
      }
    } catch (StatusRuntimeException e) {
      call.onError(e);
    }
  }

  private static boolean readsChunks(Arm arm) {
    return switch (arm.getArmCase()) {
      case FULL_PREFILL, PREFIX_CACHING -> false;
      case FULL_KV_REUSE, CACHEBLEND, ARM_NOT_SET -> true;
    };
  }

  private MockRows rows(MockPrompt prompt, Arm arm) {
    return switch (arm.getArmCase()) {
      case FULL_PREFILL -> MockRows.behind(prompt, 0);
      case PREFIX_CACHING -> {
        int reused = prefixes.reused(prompt.ids());
        prefixes.store(prompt.ids());
        yield MockRows.behind(prompt, reused);
      }
      case FULL_KV_REUSE, CACHEBLEND, ARM_NOT_SET -> MockRows.of(prompt, arm, script.checkLayers());
    };
  }

  private void requireFit(GenerateRequest request, MockPrompt prompt) {
    if (request.getMaxNewTokens() < 1) {
      throw MockPrompt.invalid(
          "max_new_tokens is " + request.getMaxNewTokens() + "; use 1 or more");
    }
    int total = prompt.length() + request.getMaxNewTokens();
    if (total > script.maxSequenceTokenCount()) {
      throw MockPrompt.invalid(
          "prompt and new tokens are "
              + total
              + "; use "
              + script.maxSequenceTokenCount()
              + " or fewer");
    }
  }

  @Override
  public void acquireLease(AcquireLeaseRequest request, StreamObserver<AcquireLeaseResponse> out) {
    answer(
        Fault.Method.ACQUIRE_LEASE,
        out,
        call -> AcquireLeaseResponse.newBuilder().setLeaseId(leases.acquire(request)).build());
  }

  @Override
  public void releaseLease(ReleaseLeaseRequest request, StreamObserver<ReleaseLeaseResponse> out) {
    answer(
        Fault.Method.RELEASE_LEASE,
        out,
        call -> {
          leases.release(request.getLeaseId());
          return ReleaseLeaseResponse.getDefaultInstance();
        });
  }

  @Override
  public void reset(ResetRequest request, StreamObserver<ResetResponse> out) {
    answer(
        Fault.Method.RESET,
        out,
        call -> {
          if (faults.ignoresReset(call)) {
            return ResetResponse.getDefaultInstance();
          }
          long[] dropped = chunks.drop(request.getKeysList());
          int blocks = request.getKeysCount() == 0 ? prefixes.drop() : 0;
          return ResetResponse.newBuilder()
              .setDroppedChunkCount((int) dropped[0])
              .setFreedByteCount(dropped[1])
              .setDroppedBlockCount(blocks)
              .build();
        });
  }
}
