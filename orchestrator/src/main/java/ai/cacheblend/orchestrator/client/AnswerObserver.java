package ai.cacheblend.orchestrator.client;

import ai.cacheblend.proto.v1.Finished;
import ai.cacheblend.proto.v1.GenerateRequest;
import ai.cacheblend.proto.v1.GenerateResponse;
import ai.cacheblend.proto.v1.TokenValue;
import ai.cacheblend.proto.v1.Tokens;
import com.google.common.base.Ticker;
import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.ImmutableLongArray;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;

/** Collects a streamed answer. gRPC calls it from one thread at a time. */
final class AnswerObserver implements ClientResponseObserver<GenerateRequest, GenerateResponse> {
  private final CallTracer tracer;
  private final Ticker ticker;
  private final long intendedNanos;
  private final CompletableFuture<GenerateResult> result = new CompletableFuture<>();
  private final ImmutableIntArray.Builder tokenIds = ImmutableIntArray.builder();
  private final ImmutableDoubleArray.Builder logprobs = ImmutableDoubleArray.builder();
  private final ImmutableLongArray.Builder tokenNanos = ImmutableLongArray.builder();
  private final StringBuilder text = new StringBuilder();
  private final PendingCall.Moment sent = new PendingCall.Moment();
  private final PendingCall.Moment firstToken = new PendingCall.Moment();
  private int messageCount;
  private Finished finished;

  AnswerObserver(CallTracer tracer, Ticker ticker, long intendedNanos) {
    this.tracer = tracer;
    this.ticker = ticker;
    this.intendedNanos = intendedNanos;
  }

  PendingCall.Moment sent() {
    return sent;
  }

  PendingCall.Moment firstToken() {
    return firstToken;
  }

  CompletableFuture<GenerateResult> result() {
    return result;
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<GenerateRequest> call) {
    // No flow control on this side: messages arrive as soon as the worker sends them.
    call.disableAutoRequestWithInitial(Integer.MAX_VALUE);
    sent.at(ticker.read());
  }

  @Override
  public void onNext(GenerateResponse message) {
    int index = messageCount++;
    if (message.hasFinished()) {
      finished = message.getFinished();
      text.append(finished.getText());
      return;
    }
    if (index == 0) {
      firstToken.at(tracer.messageNanos(0));
    }
    Tokens tokens = message.getTokens();
    for (int id : tokens.getTokenIdsList()) {
      tokenIds.add(id);
      tokenNanos.add(tracer.messageNanos(index));
    }
    tokens.getLogprobsList().forEach(logprobs::add);
    text.append(tokens.getText());
  }

  @Override
  public void onError(Throwable failure) {
    result.completeExceptionally(failure);
  }

  @Override
  public void onCompleted() {
    ImmutableLongArray times = tokenNanos.build();
    if (finished == null) {
      result.completeExceptionally(broken("the answer ended without its last message"));
    } else if (times.isEmpty()) {
      result.completeExceptionally(broken("the answer has no token"));
    } else {
      result.complete(answer(times));
    }
  }

  private static Throwable broken(String what) {
    return Status.INTERNAL.withDescription(what).asRuntimeException();
  }

  private GenerateResult answer(ImmutableLongArray times) {
    return new GenerateResult(
        tokenIds.build(),
        text.toString(),
        finished.getReason().name().replace("REASON_", "").toLowerCase(Locale.ROOT),
        finished.getNewTokenCount(),
        WireFormat.rows(finished.getRows()),
        WireFormat.durations(finished.getDurations()),
        new CallTimes(
            intendedNanos,
            sent.nanos().orElseThrow(),
            tracer.headersNanos(),
            tracer.messageNanos(0),
            times,
            tracer.closedNanos()),
        logprobs.build(),
        finished.getFirstTopLogitsList().stream().map(AnswerObserver::tokenValue).toList(),
        finished.getActivePositionsList(),
        WireFormat.layerScores(finished.getLayerScoresList()),
        WireFormat.tierRows(finished.getTierRowsList()),
        WireFormat.load(finished.getLoad()));
  }

  private static GenerateResult.TokenValue tokenValue(TokenValue wire) {
    return new GenerateResult.TokenValue(wire.getTokenId(), wire.getValue());
  }
}
