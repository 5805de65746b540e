package ai.cacheblend.soak;

import ai.cacheblend.proto.v1.Arm;
import ai.cacheblend.proto.v1.CacheBlend;
import ai.cacheblend.proto.v1.CheckRequest;
import ai.cacheblend.proto.v1.CheckStep;
import ai.cacheblend.proto.v1.CollectRequest;
import ai.cacheblend.proto.v1.DeviationSelector;
import ai.cacheblend.proto.v1.FullKvReuse;
import ai.cacheblend.proto.v1.FullPrefill;
import ai.cacheblend.proto.v1.GenerateRequest;
import ai.cacheblend.proto.v1.GenerateResponse;
import ai.cacheblend.proto.v1.Segment;
import ai.cacheblend.proto.v1.StopConditions;
import ai.cacheblend.proto.v1.TokenIdCodec;
import ai.cacheblend.proto.v1.TokenIds;
import ai.cacheblend.proto.v1.TokenizeRequest;
import ai.cacheblend.proto.v1.WorkerGrpc;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One caller after another: valid calls, some of which are cancelled or have short deadlines. Equal
 * prompts must have equal answers, whatever happened before.
 */
final class Client implements Runnable {
  private static final int DEADLINE_SECONDS = 120;
  private static final int PROMPT_COUNT = 40;
  private static final int CHUNK_COUNT = 24;
  private static final int CHUNK_TOKENS = 48;
  private static final int CHUNKS_PER_PROMPT = 4;
  private static final int NEW_TOKENS = 4;
  private static final int PAUSE_MILLIS = 100;
  private static final int UNAVAILABLE_PAUSE_MILLIS = 1000;
  private static final List<Arm> ARMS =
      List.of(
          Arm.newBuilder().setFullPrefill(FullPrefill.getDefaultInstance()).build(),
          Arm.newBuilder().setFullKvReuse(FullKvReuse.getDefaultInstance()).build(),
          Arm.newBuilder()
              .setCacheblend(
                  CacheBlend.newBuilder()
                      .setDeviation(
                          DeviationSelector.newBuilder()
                              .setTensor(DeviationSelector.Tensor.TENSOR_VALUE)
                              .addSchedule(CheckStep.newBuilder().setLayer(1).setShare(0.15))))
              .build());

  private final String name;
  private final Set<Status.Code> expected;
  private final Ledger ledger;
  private final Map<String, List<Integer>> answers;
  private final AtomicBoolean ended;
  private final Random random;
  private final ManagedChannel channel;

  /**
   * @param expected statuses of calls that are neither cancelled nor have a short deadline
   * @param answers first answers by prompt and arm, shared by all clients
   */
  Client(
      String name,
      SoakWorker worker,
      Set<Status.Code> expected,
      Ledger ledger,
      Map<String, List<Integer>> answers,
      AtomicBoolean ended,
      long seed) {
    this.name = name;
    this.expected = expected;
    this.ledger = ledger;
    this.answers = answers;
    this.ended = ended;
    this.random = new Random(seed);
    this.channel = NettyChannelBuilder.forTarget(worker.address()).usePlaintext().build();
  }

  static Map<String, List<Integer>> noAnswers() {
    return new ConcurrentHashMap<>();
  }

  @Override
  public void run() {
    try {
      while (!ended.get()) {
        boolean available = step();
        Thread.sleep(available ? random.nextInt(PAUSE_MILLIS) : UNAVAILABLE_PAUSE_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      ledger.violation(name + " client ended: " + e);
    } finally {
      channel.shutdownNow();
    }
  }

  /** Makes a call; returns whether the worker was there. */
  private boolean step() {
    int prompt = random.nextInt(PROMPT_COUNT);
    int arm = random.nextInt(ARMS.size());
    return switch (random.nextInt(10)) {
      case 0 -> call("Tokenize", () -> stub().tokenize(text()));
      case 1 -> call("Check", () -> stub().check(check(prompt)));
      case 2 -> cancelled(prompt, arm);
      case 3 -> shortDeadline(prompt, arm);
      case 4, 5 -> call("Collect", () -> stub().collect(chunks(prompt)));
      default -> call("Generate", () -> generate(stub(), prompt, arm));
    };
  }

  private boolean call(String method, Runnable body) {
    return end(method, expected, body);
  }

  private boolean cancelled(int prompt, int arm) {
    Context.CancellableContext context = Context.current().withCancellation();
    Runnable body =
        () -> {
          Iterator<GenerateResponse> events = stub().generate(request(prompt, arm));
          if (events.hasNext()) {
            events.next();
          }
          context.cancel(null);
          events.forEachRemaining(event -> {});
        };
    Context outer = context.attach();
    try {
      return end("Generate, cancelled", expectedOr(Status.Code.CANCELLED), body);
    } finally {
      context.detach(outer);
      context.cancel(null);
    }
  }

  private boolean shortDeadline(int prompt, int arm) {
    int millis = 1 + random.nextInt(50);
    return end(
        "Generate, short deadline",
        expectedOr(Status.Code.DEADLINE_EXCEEDED),
        () -> generate(stub().withDeadlineAfter(millis, TimeUnit.MILLISECONDS), prompt, arm));
  }

  private Set<Status.Code> expectedOr(Status.Code code) {
    Set<Status.Code> codes = new HashSet<>(expected);
    codes.add(code);
    return codes;
  }

  private boolean end(String method, Set<Status.Code> allowed, Runnable body) {
    String kind = name + " " + method;
    ledger.started(kind);
    Status status = Status.OK;
    try {
      body.run();
    } catch (StatusRuntimeException e) {
      status = e.getStatus();
    }
    ledger.ended(kind, status.getCode());
    if (!allowed.contains(status.getCode())) {
      ledger.violation(kind + ": " + status);
    }
    return status.getCode() != Status.Code.UNAVAILABLE;
  }

  private void generate(WorkerGrpc.WorkerBlockingStub stub, int prompt, int arm) {
    List<Integer> tokens = new ArrayList<>();
    boolean finished = false;
    for (Iterator<GenerateResponse> events = stub.generate(request(prompt, arm));
        events.hasNext(); ) {
      GenerateResponse event = events.next();
      tokens.addAll(event.getTokens().getTokenIdsList());
      finished |= event.hasFinished();
    }
    String key = prompt + " " + ARMS.get(arm).getArmCase();
    List<Integer> first = answers.putIfAbsent(key, tokens);
    if (!finished || (first != null && !first.equals(tokens))) {
      ledger.violation(name + ": prompt and arm " + key + " gave " + tokens + ", before " + first);
    }
  }

  private WorkerGrpc.WorkerBlockingStub stub() {
    return WorkerGrpc.newBlockingStub(channel)
        .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
  }

  private static TokenizeRequest text() {
    return TokenizeRequest.newBuilder().addTexts("The quick brown fox.").build();
  }

  private static CheckRequest check(int prompt) {
    return CheckRequest.newBuilder()
        .addAllSegments(segments(prompt))
        .setArm(ARMS.get(ARMS.size() - 1))
        .build();
  }

  private static CollectRequest chunks(int prompt) {
    return CollectRequest.newBuilder()
        .addAllChunks(segments(prompt).stream().filter(Segment::getCached).toList())
        .build();
  }

  private static GenerateRequest request(int prompt, int arm) {
    return GenerateRequest.newBuilder()
        .addAllSegments(segments(prompt))
        .setArm(ARMS.get(arm))
        .setMaxNewTokens(NEW_TOKENS)
        .setStop(StopConditions.newBuilder().setIgnoreEos(true))
        .build();
  }

  /** BOS, stored chunks, and a question. */
  private static List<Segment> segments(int prompt) {
    Random random = new Random(prompt);
    List<Segment> segments = new ArrayList<>();
    segments.add(Segment.newBuilder().setTokenIds(TokenIdCodec.encode(1)).build());
    for (int i = 0; i < CHUNKS_PER_PROMPT; i++) {
      segments.add(
          Segment.newBuilder()
              .setCached(true)
              .setTokenIds(ids(random.nextInt(CHUNK_COUNT), CHUNK_TOKENS))
              .build());
    }
    segments.add(Segment.newBuilder().setTokenIds(ids(CHUNK_COUNT + prompt, 8)).build());
    return segments;
  }

  private static TokenIds ids(int seed, int count) {
    return TokenIdCodec.encode(new Random(seed).ints(count, 3, 1000).toArray());
  }
}
