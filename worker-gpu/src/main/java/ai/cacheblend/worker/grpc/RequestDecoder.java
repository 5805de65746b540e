package ai.cacheblend.worker.grpc;

import static ai.cacheblend.worker.grpc.RequestLimits.requireCount;
import static com.google.common.base.Preconditions.checkArgument;

import ai.cacheblend.proto.v1.Arm;
import ai.cacheblend.proto.v1.CheckRequest;
import ai.cacheblend.proto.v1.CheckStep;
import ai.cacheblend.proto.v1.ChunkHeadSelector;
import ai.cacheblend.proto.v1.CollectRequest;
import ai.cacheblend.proto.v1.DemoteRequest;
import ai.cacheblend.proto.v1.DeviationSelector;
import ai.cacheblend.proto.v1.GenerateRequest;
import ai.cacheblend.proto.v1.ResetRequest;
import ai.cacheblend.proto.v1.Segment;
import ai.cacheblend.proto.v1.TokenIdCodec;
import ai.cacheblend.proto.v1.TokenIds;
import ai.cacheblend.proto.v1.TokenizeRequest;
import ai.cacheblend.worker.blend.Arm.FullKvReuse;
import ai.cacheblend.worker.blend.Arm.FullPrefill;
import ai.cacheblend.worker.blend.Arm.PrefixCaching;
import ai.cacheblend.worker.blend.Selector;
import ai.cacheblend.worker.chunks.ChunkKey;
import ai.cacheblend.worker.chunks.tier.TierKind;
import ai.cacheblend.worker.engine.CheckCommand;
import ai.cacheblend.worker.engine.Engine;
import ai.cacheblend.worker.engine.GenerateCommand;
import ai.cacheblend.worker.engine.Interruption;
import ai.cacheblend.worker.engine.Prompt;
import ai.cacheblend.worker.engine.ReturnOptions;
import ai.cacheblend.worker.engine.Sampling;
import ai.cacheblend.worker.engine.StopConditions;
import ai.cacheblend.worker.forecast.LoadOptions;
import ai.cacheblend.worker.forecast.LoadPolicy;
import com.google.common.primitives.ImmutableIntArray;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Decodes messages. An {@link IllegalArgumentException} names field, value and remedy. */
final class RequestDecoder {
  private final Engine engine;
  private final RequestLimits limits;

  RequestDecoder(Engine engine) {
    this.engine = engine;
    this.limits = RequestLimits.of(engine.maxSequenceTokenCount());
  }

  List<ImmutableIntArray> chunks(CollectRequest request, Interruption interruption) {
    return contents("chunks", request.getChunksList(), interruption);
  }

  CheckCommand check(CheckRequest request, Interruption interruption) {
    return new CheckCommand(prompt(request.getSegmentsList(), interruption), arm(request.getArm()));
  }

  GenerateCommand generate(GenerateRequest request, Interruption interruption) {
    var sampling = request.getSampling();
    var stop = request.getStop();
    var options = request.getReturnOptions();
    requireCount("stop_token_ids", stop.getStopTokenIdsCount(), RequestLimits.MAX_STOP_TOKEN_IDS);
    return new GenerateCommand(
        prompt(request.getSegmentsList(), interruption),
        arm(request.getArm()),
        request.getMaxNewTokens(),
        new Sampling(
            sampling.getTemperature(),
            sampling.getTopP() == 0 ? 1 : sampling.getTopP(),
            sampling.getSeed()),
        new StopConditions(
            stop.getStopStringsList(),
            new HashSet<>(stop.getStopTokenIdsList()),
            stop.getIgnoreEos()),
        new ReturnOptions(
            options.getLogprobs(),
            options.getTopLogprobCount(),
            options.getFirstTopLogitCount(),
            options.getActivePositions(),
            options.getLayerScores()),
        new LoadOptions(
            loadLimit(request.getLoadBytesPerSecond()), loadPolicy(request.getLoadPolicy())));
  }

  /** Texts to tokenize, within the limits. */
  List<String> texts(TokenizeRequest request) {
    requireCount("texts", request.getTextsCount(), RequestLimits.MAX_ELEMENTS);
    for (int i = 0; i < request.getTextsCount(); i++) {
      limits.requireText("texts[" + i + "]", request.getTexts(i).length());
    }
    return request.getTextsList();
  }

  List<ImmutableIntArray> tokenIds(TokenizeRequest request) {
    requireCount("token_ids", request.getTokenIdsCount(), RequestLimits.MAX_ELEMENTS);
    List<ImmutableIntArray> lists = new ArrayList<>();
    for (int i = 0; i < request.getTokenIdsCount(); i++) {
      lists.add(ids("token_ids[" + i + "]", request.getTokenIds(i)));
    }
    return lists;
  }

  private static OptionalLong loadLimit(long bytesPerSecond) {
    checkArgument(
        bytesPerSecond >= 0,
        "load_bytes_per_second is %s; set it to 0 for no limit, or to 1 to 9223372036854775807",
        Long.toUnsignedString(bytesPerSecond));
    return bytesPerSecond == 0 ? OptionalLong.empty() : OptionalLong.of(bytesPerSecond);
  }

  private static Optional<LoadPolicy> loadPolicy(ai.cacheblend.proto.v1.LoadPolicy policy) {
    return switch (policy) {
      case LOAD_POLICY_UNSPECIFIED -> Optional.empty();
      case LOAD_POLICY_LOAD -> Optional.of(LoadPolicy.LOAD);
      case LOAD_POLICY_AUTO -> Optional.of(LoadPolicy.AUTO);
      case UNRECOGNIZED ->
          throw new IllegalArgumentException(
              "load_policy is unknown; set it to LOAD_POLICY_LOAD or LOAD_POLICY_AUTO");
    };
  }

  List<ChunkKey> keys(ResetRequest request) {
    return keys(request.getKeysList());
  }

  /** The keys of a Demote request: at least one. */
  List<ChunkKey> keys(DemoteRequest request) {
    checkArgument(request.getKeysCount() > 0, "keys is empty; send at least one key");
    return keys(request.getKeysList());
  }

  private static List<ChunkKey> keys(List<String> keys) {
    requireCount("keys", keys.size(), RequestLimits.MAX_KEYS);
    return keys.stream().map(ChunkKey::new).toList();
  }

  TierKind tier(DemoteRequest request) {
    return switch (request.getTier()) {
      case TIER_HOST -> TierKind.HOST;
      case TIER_DISK -> TierKind.DISK;
      case TIER_STORE -> TierKind.STORE;
      case TIER_DEVICE, TIER_UNSPECIFIED, UNRECOGNIZED ->
          throw new IllegalArgumentException(
              "tier is " + request.getTier() + "; set it to TIER_HOST, TIER_DISK or TIER_STORE");
    };
  }

  private static ImmutableIntArray ids(String field, TokenIds ids) {
    try {
      return ImmutableIntArray.copyOf(TokenIdCodec.decode(ids));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(field + "." + e.getMessage(), e);
    }
  }

  private Prompt prompt(List<Segment> segments, Interruption interruption) {
    List<ImmutableIntArray> contents = contents("segments", segments, interruption);
    List<Prompt.Segment> decoded = new ArrayList<>();
    for (int i = 0; i < segments.size(); i++) {
      decoded.add(new Prompt.Segment(contents.get(i), segments.get(i).getCached()));
    }
    return new Prompt(decoded);
  }

  /** Tokenization takes long: it ends with the call, and is not begun for too much text. */
  private List<ImmutableIntArray> contents(
      String field, List<Segment> segments, Interruption interruption) {
    requireCount(field, segments.size(), RequestLimits.MAX_ELEMENTS);
    long textLength = segments.stream().mapToLong(segment -> segment.getText().length()).sum();
    limits.requireText("the text of " + field, textLength);
    List<ImmutableIntArray> contents = new ArrayList<>();
    for (int i = 0; i < segments.size(); i++) {
      interruption.check();
      contents.add(tokenIds(field + "[" + i + "]", segments.get(i)));
    }
    return contents;
  }

  private ImmutableIntArray tokenIds(String field, Segment segment) {
    return switch (segment.getContentCase()) {
      case TOKEN_IDS -> ids(field + ".token_ids", segment.getTokenIds());
      case TEXT -> engine.encode(segment.getText(), false);
      case CONTENT_NOT_SET ->
          throw new IllegalArgumentException(field + " is not set; set token_ids or text");
    };
  }

  private static ai.cacheblend.worker.blend.Arm arm(Arm arm) {
    return switch (arm.getArmCase()) {
      case FULL_PREFILL -> new FullPrefill();
      case FULL_KV_REUSE -> new FullKvReuse();
      case PREFIX_CACHING -> new PrefixCaching();
      case CACHEBLEND ->
          new ai.cacheblend.worker.blend.Arm.CacheBlend(
              selector(arm.getCacheblend()), arm.getCacheblend().getRaiseRatio());
      case ARM_NOT_SET ->
          throw new IllegalArgumentException(
              "arm is not set; set full_prefill, prefix_caching, full_kv_reuse or cacheblend");
    };
  }

  private static Selector selector(ai.cacheblend.proto.v1.CacheBlend blend) {
    return switch (blend.getSelectorCase()) {
      case DEVIATION -> deviation(blend.getDeviation());
      case CHUNK_HEAD -> chunkHead(blend.getChunkHead());
      case RANDOM ->
          new Selector.Random(blend.getRandom().getRecomputeRatio(), blend.getRandom().getSeed());
      case QUERY_ATTENTION ->
          new Selector.QueryAttention(
              blend.getQueryAttention().getRecomputeRatio(),
              blend.getQueryAttention().getExpand(),
              layers(blend.getQueryAttention().getAttentionLayersList()));
      case HEAD_ATTENTION ->
          new Selector.HeadAttention(
              blend.getHeadAttention().getRecomputeRatio(),
              layers(blend.getHeadAttention().getAttentionLayersList()));
      case DEVIATION_ATTENTION ->
          new Selector.DeviationAttention(
              deviation(blend.getDeviationAttention().getDeviation()),
              layers(blend.getDeviationAttention().getAttentionLayersList()));
      case SELECTOR_NOT_SET ->
          throw new IllegalArgumentException(
              "cacheblend.selector is not set; set deviation, chunk_head, random, query_attention,"
                  + " head_attention or deviation_attention");
    };
  }

  private static List<Integer> layers(List<Integer> layers) {
    requireCount("attention_layers", layers.size(), RequestLimits.MAX_ELEMENTS);
    return layers;
  }

  private static Selector.Deviation deviation(DeviationSelector deviation) {
    Selector.Tensor tensor =
        switch (deviation.getTensor()) {
          case TENSOR_VALUE -> Selector.Tensor.VALUE;
          case TENSOR_KEY -> Selector.Tensor.KEY;
          case TENSOR_UNSPECIFIED, UNRECOGNIZED ->
              throw new IllegalArgumentException(
                  "deviation.tensor is "
                      + deviation.getTensor()
                      + "; set it to TENSOR_VALUE or TENSOR_KEY");
        };
    List<Selector.CheckStep> schedule = new ArrayList<>();
    for (CheckStep step : deviation.getScheduleList()) {
      schedule.add(new Selector.CheckStep(step.getLayer(), step.getShare()));
    }
    return new Selector.Deviation(tensor, schedule);
  }

  private static Selector chunkHead(ChunkHeadSelector head) {
    return switch (head.getAmountCase()) {
      case ROWS_PER_CHUNK -> new Selector.ChunkHeadRows(head.getRowsPerChunk());
      case RECOMPUTE_RATIO -> new Selector.ChunkHeadShare(head.getRecomputeRatio());
      case AMOUNT_NOT_SET ->
          throw new IllegalArgumentException(
              "chunk_head.amount is not set; set rows_per_chunk or recompute_ratio");
    };
  }
}
