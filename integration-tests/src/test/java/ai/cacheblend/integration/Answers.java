package ai.cacheblend.integration;

import ai.cacheblend.proto.v1.Arm;
import ai.cacheblend.proto.v1.CollectRequest;
import ai.cacheblend.proto.v1.DemoteRequest;
import ai.cacheblend.proto.v1.Finished;
import ai.cacheblend.proto.v1.GenerateRequest;
import ai.cacheblend.proto.v1.GenerateResponse;
import ai.cacheblend.proto.v1.ReturnOptions;
import ai.cacheblend.proto.v1.Segment;
import ai.cacheblend.proto.v1.StopConditions;
import ai.cacheblend.proto.v1.Tier;
import ai.cacheblend.proto.v1.Tokens;
import ai.cacheblend.proto.v1.TopLogprobs;
import ai.cacheblend.proto.v1.WorkerGrpc.WorkerBlockingStub;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** Calls a worker and gathers its streamed answer. */
final class Answers {
  /** The log-probability of each token, and those of the most probable first tokens. */
  record Answer(
      List<Integer> tokenIds,
      List<Double> logprobs,
      List<TopLogprobs> topLogprobs,
      String text,
      Finished finished) {}

  private static final int TOP_LOGPROBS = 20;

  private Answers() {}

  /** Collects the cached segments, then generates. */
  static Answer collectAndGenerate(
      WorkerBlockingStub calls, List<Segment> segments, Arm arm, int maxNewTokens) {
    List<Segment> chunks = segments.stream().filter(Segment::getCached).toList();
    if (!chunks.isEmpty()) {
      var unused = calls.collect(CollectRequest.newBuilder().addAllChunks(chunks).build());
    }
    return generate(calls, request(segments, arm, maxNewTokens));
  }

  /** As {@link #collectAndGenerate}, with the chunks in a tier below the device. */
  static Answer generateFrom(
      Tier tier, WorkerBlockingStub calls, List<Segment> segments, Arm arm, int maxNewTokens) {
    List<Segment> chunks = segments.stream().filter(Segment::getCached).toList();
    DemoteRequest.Builder demoted = DemoteRequest.newBuilder().setTier(tier);
    calls
        .collect(CollectRequest.newBuilder().addAllChunks(chunks).build())
        .getChunksList()
        .forEach(chunk -> demoted.addKeys(chunk.getKey()));
    var unused = calls.demote(demoted.build());
    return generate(calls, request(segments, arm, maxNewTokens));
  }

  static GenerateRequest request(List<Segment> segments, Arm arm, int maxNewTokens) {
    return GenerateRequest.newBuilder()
        .addAllSegments(segments)
        .setArm(arm)
        .setMaxNewTokens(maxNewTokens)
        .setStop(StopConditions.newBuilder().setIgnoreEos(true))
        .setReturnOptions(
            ReturnOptions.newBuilder()
                .setLogprobs(true)
                .setTopLogprobCount(TOP_LOGPROBS)
                .setFirstTopLogitCount(5)
                .setActivePositions(true)
                .setLayerScores(true))
        .build();
  }

  static Answer generate(WorkerBlockingStub calls, GenerateRequest request) {
    List<Integer> tokenIds = new ArrayList<>();
    List<Double> logprobs = new ArrayList<>();
    List<TopLogprobs> topLogprobs = new ArrayList<>();
    StringBuilder text = new StringBuilder();
    Finished finished = null;
    for (Iterator<GenerateResponse> it = calls.generate(request); it.hasNext(); ) {
      GenerateResponse response = it.next();
      if (response.hasFinished()) {
        finished = response.getFinished();
        text.append(finished.getText());
      } else {
        Tokens tokens = response.getTokens();
        tokenIds.addAll(tokens.getTokenIdsList());
        logprobs.addAll(tokens.getLogprobsList());
        topLogprobs.addAll(tokens.getTopLogprobsList());
        text.append(tokens.getText());
      }
    }
    return new Answer(tokenIds, logprobs, topLogprobs, text.toString(), finished);
  }
}
