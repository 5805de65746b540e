package ai.cacheblend.worker.grpc;

import static ai.cacheblend.worker.grpc.ServiceFixture.FULL;
import static ai.cacheblend.worker.grpc.ServiceFixture.blend;
import static ai.cacheblend.worker.grpc.ServiceFixture.request;
import static ai.cacheblend.worker.grpc.ServiceFixture.text;
import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.proto.v1.CheckRequest;
import ai.cacheblend.proto.v1.CheckResponse;
import ai.cacheblend.proto.v1.CollectRequest;
import ai.cacheblend.proto.v1.CollectResponse;
import ai.cacheblend.proto.v1.CollectedChunk;
import ai.cacheblend.proto.v1.DescribeRequest;
import ai.cacheblend.proto.v1.DescribeResponse;
import ai.cacheblend.proto.v1.DeviationSelector;
import ai.cacheblend.proto.v1.Finished;
import ai.cacheblend.proto.v1.GenerateRequest;
import ai.cacheblend.proto.v1.GenerateResponse;
import ai.cacheblend.proto.v1.HostStatistics;
import ai.cacheblend.proto.v1.ResetRequest;
import ai.cacheblend.proto.v1.ReturnOptions;
import ai.cacheblend.proto.v1.Segment;
import ai.cacheblend.proto.v1.StopConditions;
import ai.cacheblend.proto.v1.TokenIdCodec;
import ai.cacheblend.proto.v1.TokenizeRequest;
import ai.cacheblend.proto.v1.TokenizeResponse;
import ai.cacheblend.worker.testing.ByteCodec;
import com.google.common.collect.ImmutableList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
final class WorkerServiceTest {
  private ServiceFixture service;

  @BeforeEach
  void start() throws Exception {
    service = new ServiceFixture();
  }

  @AfterEach
  void close() throws Exception {
    service.close();
  }

  @Test
  void describeReturnsModelLimitsAndStatistics() {
    service.worker.collect(CollectRequest.newBuilder().addChunks(text("abc", true)).build());

    DescribeResponse response = service.worker.describe(DescribeRequest.getDefaultInstance());
    assertThat(response.getInstanceId()).hasSizeGreaterThan(30);
    assertThat(service.worker.describe(DescribeRequest.getDefaultInstance()).getInstanceId())
        .isEqualTo(response.getInstanceId());
    assertThat(response.getDevice().hasStatistics()).isFalse();

    assertThat(response.getModel().getName()).isEqualTo("fake");
    assertThat(response.getModel().getCheckLayersList()).containsExactly(1, 2);
    assertThat(response.getModel().getBosTokenId()).isEqualTo(ByteCodec.BOS);
    assertThat(response.getLimits().getMaxSequenceTokenCount()).isEqualTo(400);
    assertThat(response.getLimits().getQueueCapacity()).isEqualTo(2);
    assertThat(response.getPool().getFreeBlockCount()).isEqualTo(100);
    assertThat(response.getChunks().getComputedCount()).isEqualTo(1);
    assertThat(response.getChunks().getByteCount()).isEqualTo(30);
    assertThat(response.getSteps().getStepCount()).isEqualTo(1);
    assertThat(response.getSteps().getSequenceCount()).isEqualTo(1);
    assertThat(response.getSteps().getRowCount()).isEqualTo(4);
    assertThat(response.getSteps().getStepsBySequencesList()).containsExactly(1L);
    assertThat(response.getSteps().getStepsByRowsList()).containsExactly(0L, 0L, 1L);
  }

  @Test
  void describeNamesTheBuildTheLaunchAndTheCheckpoint() {
    DescribeResponse response = service.worker.describe(DescribeRequest.getDefaultInstance());

    assertThat(response.getVersions().getCommit()).isEqualTo("abc");
    assertThat(response.getVersions().getDirty()).isTrue();
    assertThat(response.getVersions().getCodeSha256()).isEqualTo("c0de");
    assertThat(response.getVersions().getNativeLibrarySha256()).isEqualTo("11b");
    assertThat(response.getVersions().getCudaKernels()).isTrue();
    assertThat(response.getLaunch().getOptionsList()).containsExactly("--threads=1");
    assertThat(response.getLaunch().getJvmArgumentsList()).containsExactly("-Xmx1g");
    assertThat(response.getModel().getIntermediateSize()).isEqualTo(16);
    assertThat(response.getModel().getRevision()).isEqualTo("c0ffee");
    assertThat(response.getModel().getDirectory()).isEqualTo("/models/fake");
  }

  @Test
  void describeSamplesTheHostAtEachCall() {
    HostStatistics first = service.worker.describe(DescribeRequest.getDefaultInstance()).getHost();
    HostStatistics second = service.worker.describe(DescribeRequest.getDefaultInstance()).getHost();

    assertThat(first.getProcessorCount()).isPositive();
    assertThat(second.getBootId()).isEqualTo(first.getBootId());
    assertThat(second.getMonotonicNanos()).isGreaterThan(first.getMonotonicNanos());
  }

  @Test
  void tokenizeConvertsInBothDirections() {
    TokenizeResponse response =
        service.worker.tokenize(
            TokenizeRequest.newBuilder()
                .addTexts("hé")
                .setAddSpecialTokens(true)
                .addTokenIds(TokenIdCodec.encode(0xc3, 0xa9, '!', ByteCodec.EOS))
                .build());

    assertThat(TokenIdCodec.decode(response.getTokenIds(0)))
        .containsExactly(ByteCodec.BOS, 'h', 0xc3, 0xa9);
    assertThat(response.getTexts(0)).isEqualTo("é!");
  }

  @Test
  void collectReturnsOneResultPerChunk() {
    CollectResponse response =
        service.worker.collect(
            CollectRequest.newBuilder()
                .addChunks(text("one", false))
                .addChunks(text("one", true))
                .build());

    assertThat(response.getChunksList())
        .extracting(CollectedChunk::getOutcome)
        .containsExactly(
            CollectedChunk.Outcome.OUTCOME_COMPUTED, CollectedChunk.Outcome.OUTCOME_HIT);
    assertThat(response.getChunks(0).getKey())
        .hasSize(64)
        .isEqualTo(response.getChunks(1).getKey());
    assertThat(response.getChunks(0).getTokenCount()).isEqualTo(3);
    assertThat(response.getChunks(0).getByteCount()).isEqualTo(30);
    assertThat(
            service
                .worker
                .reset(ResetRequest.newBuilder().addKeys(response.getChunks(0).getKey()).build())
                .getDroppedChunkCount())
        .isEqualTo(1);
  }

  @Test
  void firstMessageContainsTheFirstTokenAndTheLastIsFinished() {
    List<GenerateResponse> messages =
        ImmutableList.copyOf(service.worker.generate(request(FULL, 3, text("a", false)).build()));

    assertThat(messages).hasSize(4);
    assertThat(messages.subList(0, 3)).allMatch(GenerateResponse::hasTokens);
    assertThat(messages.get(0).getTokens().getText()).isEqualTo("b");
    Finished finished = messages.get(3).getFinished();
    assertThat(finished.getReason()).isEqualTo(Finished.Reason.REASON_MAX_NEW_TOKENS);
    assertThat(finished.getRows().getComputedTokenCount()).isEqualTo(1);
    assertThat(finished.getDurations().getTtftNanos())
        .isEqualTo(
            finished.getDurations().getPrefillNanos()
                + finished.getDurations().getFirstSampleNanos());
  }

  @Test
  void textIsNotSplitInsideACharacter() {
    // The fake model counts upwards: "Ã‚", "Ã", … 0xc2 0xc3 0xc4: none of these bytes ever makes a
    // character.
    List<GenerateResponse> messages =
        ImmutableList.copyOf(
            service.worker.generate(
                request(
                        FULL,
                        4,
                        Segment.newBuilder().setTokenIds(TokenIdCodec.encode(0xc1)).build())
                    .build()));

    assertThat(messages.subList(0, 4)).allMatch(message -> message.getTokens().getText().isEmpty());
    assertThat(messages.get(4).getFinished().getText()).isEqualTo("\uFFFD".repeat(4));
  }

  @Test
  void allOptionsAffectTheAnswer() {
    service.worker.collect(CollectRequest.newBuilder().addChunks(text("adcb", true)).build());
    GenerateRequest request =
        request(
                blend(DeviationSelector.Tensor.TENSOR_KEY, 1, 0.5),
                5,
                text("adcb", true),
                text(">", false))
            .setStop(StopConditions.newBuilder().addStopStrings("AB"))
            .setReturnOptions(
                ReturnOptions.newBuilder()
                    .setLogprobs(true)
                    .setTopLogprobCount(2)
                    .setFirstTopLogitCount(3)
                    .setActivePositions(true)
                    .setLayerScores(true))
            .build();

    List<GenerateResponse> messages = ImmutableList.copyOf(service.worker.generate(request));

    assertThat(messages.get(0).getTokens().getLogprobsList()).hasSize(1);
    assertThat(messages.get(0).getTokens().getTopLogprobs(0).getEntriesList()).hasSize(2);
    Finished finished = messages.get(messages.size() - 1).getFinished();
    // "?", "@", "A", "B".
    assertThat(finished.getReason()).isEqualTo(Finished.Reason.REASON_STOP_STRING);
    assertThat(finished.getNewTokenCount()).isEqualTo(4);
    assertThat(finished.getFirstTopLogitsList()).hasSize(3);
    assertThat(finished.getActivePositionsList()).containsExactly(1, 2, 4);
    assertThat(finished.getLayerScores(0).getPositionsList()).containsExactly(0, 1, 2, 3);
    assertThat(finished.getRows().getRecomputedTokenCount()).isEqualTo(2);
    assertThat(service.fixture.runner.steps().get(1).selection().compareKeys()).isTrue();
  }

  @Test
  void checkReturnsChunksScoresAndRows() {
    service.worker.collect(CollectRequest.newBuilder().addChunks(text("ab", true)).build());

    CheckResponse response =
        service.worker.check(
            CheckRequest.newBuilder()
                .addSegments(text("-", false))
                .addSegments(text("ab", true))
                .addSegments(text("?", false))
                .setArm(blend(DeviationSelector.Tensor.TENSOR_VALUE, 2, 0.5))
                .build());

    assertThat(response.getChunks(0).getSegmentIndex()).isEqualTo(1);
    assertThat(response.getChunks(0).getFirstPosition()).isEqualTo(1);
    assertThat(response.getEligibleTokenCount()).isEqualTo(2);
    assertThat(response.getLayerScores(0).getLayer()).isEqualTo(2);
    assertThat(response.getLayerScores(0).getScoresList())
        .containsExactly((float) 'a', (float) 'b');
    assertThat(response.getActivePositionsList()).containsExactly(0, 2, 3);
    assertThat(response.getForcedRowCount()).isEqualTo(2);
  }
}
