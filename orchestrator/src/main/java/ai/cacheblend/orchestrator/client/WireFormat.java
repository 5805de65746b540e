package ai.cacheblend.orchestrator.client;

import static ai.cacheblend.proto.v1.LoadPolicy.LOAD_POLICY_AUTO;
import static ai.cacheblend.proto.v1.LoadPolicy.LOAD_POLICY_LOAD;
import static ai.cacheblend.proto.v1.LoadPolicy.LOAD_POLICY_UNSPECIFIED;

import ai.cacheblend.orchestrator.plan.CheckStep;
import ai.cacheblend.orchestrator.plan.LoadPolicy;
import ai.cacheblend.orchestrator.plan.RowCounts;
import ai.cacheblend.orchestrator.plan.RowLayers;
import ai.cacheblend.orchestrator.plan.Selector;
import ai.cacheblend.orchestrator.plan.Tier;
import ai.cacheblend.proto.v1.Arm;
import ai.cacheblend.proto.v1.CacheBlend;
import ai.cacheblend.proto.v1.ChunkHeadSelector;
import ai.cacheblend.proto.v1.CollectRequest;
import ai.cacheblend.proto.v1.DemoteRequest;
import ai.cacheblend.proto.v1.DeviationAttentionSelector;
import ai.cacheblend.proto.v1.DeviationSelector;
import ai.cacheblend.proto.v1.Durations;
import ai.cacheblend.proto.v1.FullKvReuse;
import ai.cacheblend.proto.v1.FullPrefill;
import ai.cacheblend.proto.v1.GenerateRequest;
import ai.cacheblend.proto.v1.HeadAttentionSelector;
import ai.cacheblend.proto.v1.PrefixCaching;
import ai.cacheblend.proto.v1.QueryAttentionSelector;
import ai.cacheblend.proto.v1.RandomSelector;
import ai.cacheblend.proto.v1.ReturnOptions;
import ai.cacheblend.proto.v1.Sampling;
import ai.cacheblend.proto.v1.Segment;
import ai.cacheblend.proto.v1.StopConditions;
import ai.cacheblend.proto.v1.TierRows;
import ai.cacheblend.proto.v1.TierStatistics;
import ai.cacheblend.proto.v1.TokenIdCodec;
import ai.cacheblend.proto.v1.TokenIds;
import com.google.common.primitives.ImmutableIntArray;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;

/** Converts domain values to messages and back. */
final class WireFormat {
  private WireFormat() {}

  static TokenIds tokenIds(ImmutableIntArray ids) {
    return TokenIdCodec.encode(ids.toArray());
  }

  static ImmutableIntArray tokenIds(TokenIds ids) {
    return ImmutableIntArray.copyOf(TokenIdCodec.decode(ids));
  }

  static Segment chunk(ImmutableIntArray ids) {
    return Segment.newBuilder().setTokenIds(tokenIds(ids)).setCached(true).build();
  }

  static CollectRequest collect(List<ImmutableIntArray> chunks) {
    return CollectRequest.newBuilder()
        .addAllChunks(chunks.stream().map(WireFormat::chunk).toList())
        .build();
  }

  static CollectedChunk collected(ai.cacheblend.proto.v1.CollectedChunk chunk) {
    return new CollectedChunk(
        chunk.getKey(),
        chunk.getTokenCount(),
        chunk.getByteCount(),
        chunk.getOutcome() == ai.cacheblend.proto.v1.CollectedChunk.Outcome.OUTCOME_HIT,
        chunk.getComputeNanos());
  }

  static List<Segment> segments(List<PromptSegment> segments) {
    return segments.stream()
        .map(
            s ->
                Segment.newBuilder()
                    .setTokenIds(tokenIds(s.tokenIds()))
                    .setCached(s.cached())
                    .build())
        .toList();
  }

  static Arm arm(ai.cacheblend.orchestrator.plan.Arm arm) {
    if (arm instanceof ai.cacheblend.orchestrator.plan.Arm.CacheBlend blend) {
      return Arm.newBuilder()
          .setCacheblend(blend(blend.selector()).setRaiseRatio(blend.raisesRatio()))
          .build();
    }
    if (arm instanceof ai.cacheblend.orchestrator.plan.Arm.PrefixCaching) {
      return Arm.newBuilder().setPrefixCaching(PrefixCaching.getDefaultInstance()).build();
    }
    return arm instanceof ai.cacheblend.orchestrator.plan.Arm.FullPrefill
        ? Arm.newBuilder().setFullPrefill(FullPrefill.getDefaultInstance()).build()
        : Arm.newBuilder().setFullKvReuse(FullKvReuse.getDefaultInstance()).build();
  }

  private static CacheBlend.Builder blend(Selector selector) {
    CacheBlend.Builder blend = CacheBlend.newBuilder();
    switch (selector.kind()) {
      case DEVIATION -> blend.setDeviation(deviation((Selector.Deviation) selector));
      case CHUNK_HEAD -> blend.setChunkHead(chunkHead(selector));
      case QUERY_ATTENTION -> {
        Selector.QueryAttention query = (Selector.QueryAttention) selector;
        blend.setQueryAttention(
            QueryAttentionSelector.newBuilder()
                .setRecomputeRatio(query.recomputeRatio())
                .setExpand(query.expand())
                .addAllAttentionLayers(query.layers()));
      }
      case HEAD_ATTENTION -> {
        Selector.HeadAttention head = (Selector.HeadAttention) selector;
        blend.setHeadAttention(
            HeadAttentionSelector.newBuilder()
                .setRecomputeRatio(head.recomputeRatio())
                .addAllAttentionLayers(head.layers()));
      }
      case DEVIATION_ATTENTION -> {
        Selector.DeviationAttention product = (Selector.DeviationAttention) selector;
        blend.setDeviationAttention(
            DeviationAttentionSelector.newBuilder()
                .setDeviation(deviation(product.deviation()))
                .addAllAttentionLayers(product.layers()));
      }
      case RANDOM -> {
        Selector.RandomRows random = (Selector.RandomRows) selector;
        blend.setRandom(
            RandomSelector.newBuilder()
                .setRecomputeRatio(random.recomputeRatio())
                .setSeed(random.seed()));
      }
    }
    return blend;
  }

  private static DeviationSelector deviation(Selector.Deviation deviation) {
    DeviationSelector.Builder wire =
        DeviationSelector.newBuilder()
            .setTensor(
                switch (deviation.tensor()) {
                  case VALUE -> DeviationSelector.Tensor.TENSOR_VALUE;
                  case KEY -> DeviationSelector.Tensor.TENSOR_KEY;
                });
    for (CheckStep step : deviation.schedule()) {
      wire.addScheduleBuilder().setLayer(step.layer()).setShare(step.share());
    }
    return wire.build();
  }

  private static ChunkHeadSelector chunkHead(Selector selector) {
    return selector instanceof Selector.ChunkHeadRows head
        ? ChunkHeadSelector.newBuilder().setRowsPerChunk(head.rowsPerChunk()).build()
        : ChunkHeadSelector.newBuilder()
            .setRecomputeRatio(((Selector.ChunkHeadShare) selector).recomputeRatio())
            .build();
  }

  static GenerateRequest generate(GenerateCall call) {
    return GenerateRequest.newBuilder()
        .addAllSegments(segments(call.segments()))
        .setArm(arm(call.arm()))
        .setMaxNewTokens(call.maxNewTokens())
        .setSampling(
            Sampling.newBuilder()
                .setTemperature(call.sampling().temperature())
                .setTopP(call.sampling().topP())
                .setSeed(call.sampling().seed()))
        .setStop(
            StopConditions.newBuilder()
                .addAllStopStrings(call.stopStrings())
                .setIgnoreEos(call.ignoreEos()))
        .setReturnOptions(
            ReturnOptions.newBuilder()
                .setLogprobs(call.extras().logprobs())
                .setFirstTopLogitCount(call.extras().firstTopLogitCount())
                .setActivePositions(call.extras().activePositions())
                .setLayerScores(call.extras().layerScores()))
        .setLoadBytesPerSecond(call.loadBytesPerSecond().orElse(0))
        .setLoadPolicy(call.loadPolicy().map(WireFormat::policy).orElse(LOAD_POLICY_UNSPECIFIED))
        .build();
  }

  static RowCounts rows(ai.cacheblend.proto.v1.RowCounts rows) {
    return new RowCounts(
        rows.getPromptTokenCount(),
        rows.getReusedTokenCount(),
        rows.getRecomputedTokenCount(),
        rows.getComputedTokenCount(),
        new RowLayers(rows.getRecomputedRowLayers(), rows.getProbedRowLayers()));
  }

  static GenerateResult.WorkerDurations durations(Durations durations) {
    return new GenerateResult.WorkerDurations(
        durations.getQueueNanos(),
        durations.getKvLoadBusyNanos(),
        durations.getKvLoadWaitNanos(),
        durations.getPrefillNanos(),
        durations.getFirstSampleNanos(),
        durations.getTtftNanos(),
        durations.getDecodeNanos());
  }

  private static ai.cacheblend.proto.v1.LoadPolicy policy(LoadPolicy policy) {
    return switch (policy) {
      case LOAD -> LOAD_POLICY_LOAD;
      case AUTO -> LOAD_POLICY_AUTO;
    };
  }

  static LoadReport load(ai.cacheblend.proto.v1.LoadReport load) {
    return new LoadReport(
        load.getRecomputedSegmentsList(),
        load.hasRecomputeRatio()
            ? OptionalDouble.of(load.getRecomputeRatio())
            : OptionalDouble.empty(),
        load.hasPredictedTtftNanos()
            ? OptionalLong.of(load.getPredictedTtftNanos())
            : OptionalLong.empty(),
        load.hasPredictedLoadNanos()
            ? OptionalLong.of(load.getPredictedLoadNanos())
            : OptionalLong.empty(),
        load.getLoadNanos());
  }

  static Map<String, Integer> tierRows(List<TierRows> tiers) {
    return tiers.stream()
        .collect(
            Collectors.toMap(
                tier -> tier.getTier().name().replace("TIER_", "").toLowerCase(Locale.ROOT),
                TierRows::getTokenCount,
                Integer::sum));
  }

  static DemoteRequest demote(List<String> keys, Tier tier) {
    return DemoteRequest.newBuilder().addAllKeys(keys).setTier(tier(tier)).build();
  }

  private static ai.cacheblend.proto.v1.Tier tier(Tier tier) {
    return switch (tier) {
      case HOST -> ai.cacheblend.proto.v1.Tier.TIER_HOST;
      case DISK -> ai.cacheblend.proto.v1.Tier.TIER_DISK;
      case STORE -> ai.cacheblend.proto.v1.Tier.TIER_STORE;
    };
  }

  /** The tiers below the device. */
  static Set<Tier> tiers(List<TierStatistics> statistics) {
    Set<Tier> tiers = EnumSet.noneOf(Tier.class);
    for (Tier tier : Tier.values()) {
      if (statistics.stream().anyMatch(reported -> reported.getTier() == tier(tier))) {
        tiers.add(tier);
      }
    }
    return tiers;
  }

  static List<LayerScores> layerScores(List<ai.cacheblend.proto.v1.LayerScores> layers) {
    return layers.stream().map(WireFormat::layerScores).toList();
  }

  private static LayerScores layerScores(ai.cacheblend.proto.v1.LayerScores layer) {
    List<LayerScores.RowScore> rows = new ArrayList<>();
    for (int i = 0; i < Math.min(layer.getPositionsCount(), layer.getScoresCount()); i++) {
      rows.add(new LayerScores.RowScore(layer.getPositions(i), layer.getScores(i)));
    }
    return new LayerScores(layer.getLayer(), rows);
  }
}
