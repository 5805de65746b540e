package ai.cacheblend.worker.grpc;

import ai.cacheblend.proto.v1.AttentionScores;
import ai.cacheblend.proto.v1.CheckResponse;
import ai.cacheblend.proto.v1.CheckedChunk;
import ai.cacheblend.proto.v1.CollectResponse;
import ai.cacheblend.proto.v1.CollectedChunk;
import ai.cacheblend.proto.v1.Durations;
import ai.cacheblend.proto.v1.Finished;
import ai.cacheblend.proto.v1.GenerateResponse;
import ai.cacheblend.proto.v1.LayerScores;
import ai.cacheblend.proto.v1.LoadReport;
import ai.cacheblend.proto.v1.ResetResponse;
import ai.cacheblend.proto.v1.RowCounts;
import ai.cacheblend.proto.v1.TokenValue;
import ai.cacheblend.proto.v1.Tokens;
import ai.cacheblend.proto.v1.TopLogprobs;
import ai.cacheblend.worker.engine.CheckResult;
import ai.cacheblend.worker.engine.CollectResult;
import ai.cacheblend.worker.engine.GenerateResult;
import ai.cacheblend.worker.engine.NewToken;
import ai.cacheblend.worker.engine.ResetResult;
import java.util.List;

/** Encodes results. */
final class ResponseEncoder {
  private ResponseEncoder() {}

  static CollectResponse collect(CollectResult result) {
    CollectResponse.Builder response = CollectResponse.newBuilder();
    for (CollectResult.Chunk chunk : result.chunks()) {
      response
          .addChunksBuilder()
          .setKey(chunk.key().hex())
          .setTokenCount(chunk.tokenCount())
          .setByteCount(chunk.byteCount())
          .setOutcome(
              chunk.hit()
                  ? CollectedChunk.Outcome.OUTCOME_HIT
                  : CollectedChunk.Outcome.OUTCOME_COMPUTED)
          .setComputeNanos(chunk.computeNanos());
    }
    return response.build();
  }

  static CheckResponse check(CheckResult result) {
    CheckResponse.Builder response =
        CheckResponse.newBuilder()
            .setPromptTokenCount(result.promptTokenCount())
            .setEligibleTokenCount(result.eligibleTokenCount())
            .addAllLayerScores(layerScores(result.layerScores()))
            .addAllActivePositions(result.activePositions().asList())
            .setForcedRowCount(result.rows().computed())
            .setAttention(attention(result.attention()))
            .setRows(rows(result.rows()));
    for (CheckResult.Chunk chunk : result.chunks()) {
      response.addChunks(
          CheckedChunk.newBuilder()
              .setSegmentIndex(chunk.segmentIndex())
              .setKey(chunk.key().hex())
              .setFirstPosition(chunk.firstPosition())
              .setTokenCount(chunk.tokenCount()));
    }
    return response.build();
  }

  static GenerateResponse token(NewToken token) {
    Tokens.Builder tokens = Tokens.newBuilder().addTokenIds(token.tokenId()).setText(token.text());
    token.logprob().ifPresent(tokens::addLogprobs);
    if (!token.topLogprobs().isEmpty()) {
      tokens.addTopLogprobs(
          TopLogprobs.newBuilder().addAllEntries(tokenValues(token.topLogprobs())));
    }
    return GenerateResponse.newBuilder().setTokens(tokens).build();
  }

  static GenerateResponse finished(GenerateResult result) {
    return GenerateResponse.newBuilder()
        .setFinished(
            Finished.newBuilder()
                .setReason(reason(result.reason()))
                .setText(result.heldText())
                .setRows(rows(result.rows()))
                .setDurations(durations(result.durations()))
                .setNewTokenCount(result.newTokenCount())
                .addAllFirstTopLogits(tokenValues(result.firstTopLogits()))
                .addAllActivePositions(result.activePositions().asList())
                .addAllLayerScores(layerScores(result.layerScores()))
                .setAttention(attention(result.attention()))
                .addAllTierRows(TierEncoder.encode(result.chunkRows()))
                .setLoad(load(result.load())))
        .build();
  }

  static ResetResponse reset(ResetResult dropped) {
    return ResetResponse.newBuilder()
        .setDroppedChunkCount(dropped.chunkCount())
        .setFreedByteCount(dropped.chunkByteCount())
        .setDroppedBlockCount(dropped.prefixBlockCount())
        .build();
  }

  private static Finished.Reason reason(GenerateResult.Reason reason) {
    return switch (reason) {
      case MAX_NEW_TOKENS -> Finished.Reason.REASON_MAX_NEW_TOKENS;
      case STOP_TOKEN -> Finished.Reason.REASON_STOP_TOKEN;
      case STOP_STRING -> Finished.Reason.REASON_STOP_STRING;
    };
  }

  private static RowCounts rows(ai.cacheblend.worker.engine.RowCounts rows) {
    return RowCounts.newBuilder()
        .setPromptTokenCount(rows.prompt())
        .setReusedTokenCount(rows.reused())
        .setRecomputedTokenCount(rows.recomputed())
        .setComputedTokenCount(rows.computed())
        .setRecomputedRowLayers(rows.recomputedRowLayers())
        .setProbedRowLayers(rows.probedRowLayers())
        .build();
  }

  private static Durations durations(ai.cacheblend.worker.engine.Durations durations) {
    return Durations.newBuilder()
        .setQueueNanos(durations.queueNanos())
        .setKvLoadBusyNanos(durations.kvLoad().busyNanos())
        .setKvLoadWaitNanos(durations.kvLoad().waitNanos())
        .setPrefillNanos(durations.prefillNanos())
        .setFirstSampleNanos(durations.firstSampleNanos())
        .setTtftNanos(durations.ttftNanos())
        .setDecodeNanos(durations.decodeNanos())
        .build();
  }

  private static LoadReport load(ai.cacheblend.worker.engine.LoadReport report) {
    LoadReport.Builder load =
        LoadReport.newBuilder()
            .addAllRecomputedSegments(report.recomputedSegments())
            .setLoadNanos(report.loadNanos());
    report.ratio().ifPresent(load::setRecomputeRatio);
    report
        .prediction()
        .ifPresent(
            prediction ->
                load.setPredictedTtftNanos(prediction.ttftNanos())
                    .setPredictedLoadNanos(prediction.loadNanos()));
    return load.build();
  }

  private static List<TokenValue> tokenValues(List<ai.cacheblend.worker.engine.TokenValue> values) {
    return values.stream()
        .map(
            value ->
                TokenValue.newBuilder().setTokenId(value.tokenId()).setValue(value.value()).build())
        .toList();
  }

  private static AttentionScores attention(ai.cacheblend.worker.model.AttentionScores attention) {
    return AttentionScores.newBuilder()
        .addAllPositions(attention.positions().asList())
        .addAllScores(attention.scores().asList().stream().map(Double::floatValue).toList())
        .build();
  }

  private static List<LayerScores> layerScores(
      List<ai.cacheblend.worker.model.LayerScores> layers) {
    return layers.stream()
        .map(
            layer ->
                LayerScores.newBuilder()
                    .setLayer(layer.layer())
                    .addAllPositions(layer.positions().asList())
                    .addAllScores(layer.scores().asList().stream().map(Double::floatValue).toList())
                    .build())
        .toList();
  }
}
