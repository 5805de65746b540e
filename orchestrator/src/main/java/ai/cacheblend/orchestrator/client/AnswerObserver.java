package ai.cacheblend.orchestrator.client;

import ai.cacheblend.proto.v1.Finished;
import ai.cacheblend.proto.v1.GenerateRequest;
import ai.cacheblend.proto.v1.GenerateResponse;
import ai.cacheblend.proto.v1.TokenValue;
import ai.cacheblend.proto.v1.Tokens;
import com.google.common.base.Ticker;
import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.ImmutableIntArray;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;

/**
 * Gathers a streamed answer. gRPC calls it from one thread at a time; the result is handed over
 * through a future.
 */
final class AnswerObserver implements ClientResponseObserver<GenerateRequest, GenerateResponse> {
  private final CallTracer tracer;
  private final Ticker ticker;
  private final long intendedNanos;
  private final CompletableFuture<GenerateResult> result = new CompletableFuture<>();
  private final ImmutableIntArray.Builder tokenIds = ImmutableIntArray.builder();
  private final ImmutableDoubleArray.Builder logprobs = ImmutableDoubleArray.builder();
  private final StringBuilder text = new StringBuilder();
  private long sentNanos;
  private int messageCount;
  private int firstTokenMessage = -1;
  private int lastTokenMessage;
  private Finished finished;

  AnswerObserver(CallTracer tracer, Ticker ticker, long intendedNanos) {
    this.tracer = tracer;
    this.ticker = ticker;
    this.intendedNanos = intendedNanos;
  }

  CompletableFuture<GenerateResult> result() {
    return result;
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<GenerateRequest> call) {
    // A message waits for nobody to ask for it, so that its arrival is when it came.
    call.disableAutoRequestWithInitial(Integer.MAX_VALUE);
    sentNanos = ticker.read();
  }

  @Override
  public void onNext(GenerateResponse message) {
    int index = messageCount++;
    if (message.hasFinished()) {
      finished = message.getFinished();
      text.append(finished.getText());
      return;
    }
    Tokens tokens = message.getTokens();
    if (tokens.getTokenIdsCount() == 0) {
      return;
    }
    firstTokenMessage = firstTokenMessage < 0 ? index : firstTokenMessage;
    lastTokenMessage = index;
    tokens.getTokenIdsList().forEach(tokenIds::add);
    tokens.getLogprobsList().forEach(logprobs::add);
    text.append(tokens.getText());
  }

  @Override
  public void onError(Throwable failure) {
    result.completeExceptionally(failure);
  }

  @Override
  public void onCompleted() {
    if (finished == null) {
      result.completeExceptionally(broken("the answer ended without its last message"));
    } else if (firstTokenMessage < 0) {
      result.completeExceptionally(broken("the answer has no token"));
    } else {
      result.complete(answer());
    }
  }

  private static Throwable broken(String what) {
    return Status.INTERNAL.withDescription(what).asRuntimeException();
  }

  private GenerateResult answer() {
    return new GenerateResult(
        tokenIds.build(),
        text.toString(),
        finished.getReason().name().replace("REASON_", "").toLowerCase(Locale.ROOT),
        finished.getNewTokenCount(),
        WireFormat.rows(finished.getRows()),
        WireFormat.durations(finished.getDurations()),
        new CallTimes(
            intendedNanos,
            sentNanos,
            tracer.headersNanos(),
            tracer.messageNanos(0),
            tracer.messageNanos(firstTokenMessage),
            tracer.messageNanos(lastTokenMessage),
            tracer.closedNanos()),
        logprobs.build(),
        finished.getFirstTopLogitsList().stream().map(AnswerObserver::tokenValue).toList(),
        finished.getActivePositionsList(),
        WireFormat.layerScores(finished.getLayerScoresList()));
  }

  private static GenerateResult.TokenValue tokenValue(TokenValue wire) {
    return new GenerateResult.TokenValue(wire.getTokenId(), wire.getValue());
  }
}
