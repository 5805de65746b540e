package ai.cacheblend.fuzz;

import ai.cacheblend.proto.v1.AcquireLeaseRequest;
import ai.cacheblend.proto.v1.Arm;
import ai.cacheblend.proto.v1.CacheBlend;
import ai.cacheblend.proto.v1.CheckRequest;
import ai.cacheblend.proto.v1.CheckStep;
import ai.cacheblend.proto.v1.ChunkHeadSelector;
import ai.cacheblend.proto.v1.CollectRequest;
import ai.cacheblend.proto.v1.DemoteRequest;
import ai.cacheblend.proto.v1.DescribeRequest;
import ai.cacheblend.proto.v1.DeviationSelector;
import ai.cacheblend.proto.v1.FullKvReuse;
import ai.cacheblend.proto.v1.FullPrefill;
import ai.cacheblend.proto.v1.GenerateRequest;
import ai.cacheblend.proto.v1.RandomSelector;
import ai.cacheblend.proto.v1.ReleaseLeaseRequest;
import ai.cacheblend.proto.v1.ResetRequest;
import ai.cacheblend.proto.v1.ReturnOptions;
import ai.cacheblend.proto.v1.Sampling;
import ai.cacheblend.proto.v1.Segment;
import ai.cacheblend.proto.v1.StopConditions;
import ai.cacheblend.proto.v1.TokenIdCodec;
import ai.cacheblend.proto.v1.TokenIds;
import ai.cacheblend.proto.v1.TokenizeRequest;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Messages of every method: valid ones, and ones with values that no caller needs. Seeded. */
final class HostileMessages {
  private static final double[] NUMBERS = {
    0, 0.15, 0.5, 1, -1, 2, 1e300, -0.0, Double.MIN_VALUE, Double.NaN, Double.POSITIVE_INFINITY
  };
  private static final int[] COUNTS = {0, 1, 2, 16, 100, 4096, 70_000, Integer.MAX_VALUE, -1};

  /** Never a number that keeps the worker busy for long. */
  private static final int[] NEW_TOKEN_COUNTS = {0, 70_000, Integer.MAX_VALUE, -1};

  private static final List<String> TEXTS =
      List.of(
          "",
          "a",
          "the quick brown fox",
          "\u0000\u001b[2J\r\n",
          "\u202e\u2028\ufeff",
          "👩‍👩‍👧‍👦".repeat(20),
          "</s><s>[INST]",
          " ".repeat(5000),
          "e\u0301".repeat(500));

  private final Random random;

  HostileMessages(Random random) {
    this.random = random;
  }

  Message of(String method) {
    return switch (method) {
      case "Describe" -> DescribeRequest.getDefaultInstance();
      case "Tokenize" ->
          TokenizeRequest.newBuilder()
              .addAllTexts(random.nextInt(50) == 0 ? many("a") : List.of(text(), text()))
              .setAddSpecialTokens(random.nextBoolean())
              .addTokenIds(ids())
              .build();
      case "Collect" -> CollectRequest.newBuilder().addAllChunks(segments()).build();
      case "Check" -> CheckRequest.newBuilder().addAllSegments(segments()).setArm(arm()).build();
      case "Generate" -> generate();
      case "Reset" ->
          random.nextInt(20) == 0
              ? ResetRequest.getDefaultInstance()
              : ResetRequest.newBuilder().addKeys(text()).build();
      case "Demote" ->
          DemoteRequest.newBuilder()
              .addAllKeys(random.nextInt(20) == 0 ? many("a") : List.of(text()))
              .setTierValue(random.nextInt(6))
              .build();
      case "AcquireLease" ->
          AcquireLeaseRequest.newBuilder()
              .setLeaseId(random.nextBoolean() ? "" : text())
              .setHolder(random.nextBoolean() ? "fuzz" : text())
              .setTtlSeconds(random.nextInt(3))
              .setShared(true)
              .build();
      case "ReleaseLease" -> ReleaseLeaseRequest.newBuilder().setLeaseId(text()).build();
      default -> throw new IllegalArgumentException("no message for " + method);
    };
  }

  private GenerateRequest generate() {
    return GenerateRequest.newBuilder()
        .addAllSegments(segments())
        .setArm(arm())
        .setMaxNewTokens(random.nextInt(20) == 0 ? any(NEW_TOKEN_COUNTS) : 1 + random.nextInt(4))
        .setSampling(
            Sampling.newBuilder()
                .setTemperature(random.nextInt(8) == 0 ? any(NUMBERS) : 0.5)
                .setTopP(random.nextInt(8) == 0 ? any(NUMBERS) : 0.9)
                .setSeed(random.nextLong()))
        .setStop(
            StopConditions.newBuilder()
                .addAllStopStrings(random.nextInt(20) == 0 ? many("b") : List.of("stop"))
                .addStopTokenIds(random.nextInt(8) == 0 ? any(COUNTS) : 2)
                .setIgnoreEos(random.nextBoolean()))
        .setReturnOptions(
            ReturnOptions.newBuilder()
                .setLogprobs(random.nextBoolean())
                .setTopLogprobCount(random.nextInt(8) != 0 ? 5 : any(COUNTS))
                .setFirstTopLogitCount(random.nextInt(8) != 0 ? 5 : any(COUNTS))
                .setActivePositions(random.nextBoolean())
                .setLayerScores(random.nextBoolean()))
        .build();
  }

  private List<Segment> segments() {
    return switch (random.nextInt(100)) {
      case 0 -> many(Segment.getDefaultInstance());
      case 1 -> List.of();
      case 2 -> List.of(Segment.newBuilder().setText("x".repeat(1 << random.nextInt(21))).build());
      default -> List.of(segment(), segment(), segment());
    };
  }

  private Segment segment() {
    Segment.Builder segment = Segment.newBuilder().setCached(random.nextBoolean());
    return random.nextInt(4) == 0
        ? segment.setText(text()).build()
        : segment.setTokenIds(ids()).build();
  }

  private TokenIds ids() {
    return switch (random.nextInt(200)) {
      case 0 -> TokenIdCodec.encode(any(COUNTS), -1);
      case 1 -> TokenIdCodec.encode(new int[1 << random.nextInt(19)]);
      case 2, 3 -> TokenIds.newBuilder().setIds(ByteString.copyFrom(new byte[7])).build();
      // Few different chunks, so that most of them are stored.
      default -> TokenIdCodec.encode(random.nextInt(6), 3, 4, 5, 6, 7, 8, 9);
    };
  }

  private Arm arm() {
    CacheBlend.Builder blend = CacheBlend.newBuilder();
    return switch (random.nextInt(20)) {
      case 0 -> Arm.getDefaultInstance();
      case 1, 2, 3 -> Arm.newBuilder().setFullPrefill(FullPrefill.getDefaultInstance()).build();
      case 4, 5, 6 -> Arm.newBuilder().setFullKvReuse(FullKvReuse.getDefaultInstance()).build();
      case 7, 8, 9 ->
          Arm.newBuilder()
              .setCacheblend(
                  blend.setChunkHead(
                      random.nextBoolean()
                          ? ChunkHeadSelector.newBuilder()
                              .setRowsPerChunk(random.nextInt(4) == 0 ? any(COUNTS) : 2)
                          : ChunkHeadSelector.newBuilder().setRecomputeRatio(share())))
              .build();
      case 10, 11, 12 ->
          Arm.newBuilder()
              .setCacheblend(
                  blend.setRandom(
                      RandomSelector.newBuilder()
                          .setRecomputeRatio(share())
                          .setSeed(random.nextLong())))
              .build();
      default ->
          Arm.newBuilder()
              .setCacheblend(
                  blend.setDeviation(
                      DeviationSelector.newBuilder()
                          .setTensorValue(random.nextInt(4) == 0 ? random.nextInt(4) : 1)
                          .addSchedule(
                              CheckStep.newBuilder()
                                  .setLayer(random.nextInt(4) == 0 ? random.nextInt(4) : 1)
                                  .setShare(share()))))
              .build();
    };
  }

  private double share() {
    return random.nextInt(4) == 0 ? any(NUMBERS) : 0.15;
  }

  private String text() {
    return TEXTS.get(random.nextInt(TEXTS.size()));
  }

  private <T> List<T> many(T element) {
    return Collections.nCopies(1 << random.nextInt(20), element);
  }

  private double any(double[] values) {
    return values[random.nextInt(values.length)];
  }

  private int any(int[] values) {
    return values[random.nextInt(values.length)];
  }
}
