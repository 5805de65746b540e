package ai.cacheblend.soak;

import ai.cacheblend.proto.v1.Arm;
import ai.cacheblend.proto.v1.CacheBlend;
import ai.cacheblend.proto.v1.CheckStep;
import ai.cacheblend.proto.v1.CollectRequest;
import ai.cacheblend.proto.v1.DeviationSelector;
import ai.cacheblend.proto.v1.FullKvReuse;
import ai.cacheblend.proto.v1.FullPrefill;
import ai.cacheblend.proto.v1.GenerateRequest;
import ai.cacheblend.proto.v1.PrefixCaching;
import ai.cacheblend.proto.v1.QueryAttentionSelector;
import ai.cacheblend.proto.v1.RandomSelector;
import ai.cacheblend.proto.v1.Segment;
import ai.cacheblend.proto.v1.StopConditions;
import ai.cacheblend.proto.v1.TokenIdCodec;
import ai.cacheblend.proto.v1.TokenIds;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** Requests of random lengths and arms. A number gives the same request in every run. */
final class StressRequests {
  /** Different requests. */
  static final int COUNT = 300;

  private static final int CHUNK_COUNT = 24;
  private static final int MAX_CHUNK_TOKENS = 128;
  private static final int MAX_CHUNKS = 4;
  private static final int MAX_SUFFIX_TOKENS = 60;
  private static final int MAX_NEW_TOKENS = 24;
  private static final double RATIO = 0.15;
  private static final List<Arm> ARMS =
      List.of(
          Arm.newBuilder().setFullPrefill(FullPrefill.getDefaultInstance()).build(),
          Arm.newBuilder().setPrefixCaching(PrefixCaching.getDefaultInstance()).build(),
          Arm.newBuilder().setFullKvReuse(FullKvReuse.getDefaultInstance()).build(),
          blend(
              CacheBlend.newBuilder()
                  .setDeviation(
                      DeviationSelector.newBuilder()
                          .setTensor(DeviationSelector.Tensor.TENSOR_VALUE)
                          .addSchedule(CheckStep.newBuilder().setLayer(1).setShare(RATIO)))),
          blend(
              CacheBlend.newBuilder()
                  .setQueryAttention(QueryAttentionSelector.newBuilder().setRecomputeRatio(RATIO))),
          blend(
              CacheBlend.newBuilder()
                  .setRandom(RandomSelector.newBuilder().setRecomputeRatio(RATIO).setSeed(1))));

  private StressRequests() {}

  static GenerateRequest generate(int number) {
    Random random = new Random(number);
    List<Segment> segments = new ArrayList<>();
    segments.add(Segment.newBuilder().setTokenIds(TokenIdCodec.encode(1)).build());
    for (int chunk : chunks(random)) {
      segments.add(chunk(chunk));
    }
    int suffix = 1 + random.nextInt(MAX_SUFFIX_TOKENS);
    segments.add(Segment.newBuilder().setTokenIds(ids(CHUNK_COUNT + number, suffix)).build());
    return GenerateRequest.newBuilder()
        .addAllSegments(segments)
        .setArm(ARMS.get(number % ARMS.size()))
        .setMaxNewTokens(1 + random.nextInt(MAX_NEW_TOKENS))
        .setStop(StopConditions.newBuilder().setIgnoreEos(true))
        .build();
  }

  /** The chunks of a request; one chunk if it has none. */
  static CollectRequest collect(int number) {
    List<Integer> chunks = chunks(new Random(number));
    return CollectRequest.newBuilder()
        .addAllChunks(
            (chunks.isEmpty() ? List.of(0) : chunks).stream().map(StressRequests::chunk).toList())
        .build();
  }

  static CollectRequest collectAll() {
    return CollectRequest.newBuilder()
        .addAllChunks(IntStream.range(0, CHUNK_COUNT).mapToObj(StressRequests::chunk).toList())
        .build();
  }

  static List<CollectRequest> collectEach() {
    return collectAll().getChunksList().stream()
        .map(chunk -> CollectRequest.newBuilder().addChunks(chunk).build())
        .toList();
  }

  private static List<Integer> chunks(Random random) {
    return random.ints(random.nextInt(MAX_CHUNKS + 1), 0, CHUNK_COUNT).boxed().toList();
  }

  private static Segment chunk(int chunk) {
    int tokens = 1 + new Random(-1 - chunk).nextInt(MAX_CHUNK_TOKENS);
    return Segment.newBuilder().setCached(true).setTokenIds(ids(chunk, tokens)).build();
  }

  private static TokenIds ids(int seed, int count) {
    return TokenIdCodec.encode(new Random(seed).ints(count, 3, 1000).toArray());
  }

  private static Arm blend(CacheBlend.Builder blend) {
    return Arm.newBuilder().setCacheblend(blend).build();
  }
}
