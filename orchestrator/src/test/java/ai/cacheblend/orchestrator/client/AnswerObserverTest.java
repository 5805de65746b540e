package ai.cacheblend.orchestrator.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.verify;

import ai.cacheblend.proto.v1.Finished;
import ai.cacheblend.proto.v1.GenerateRequest;
import ai.cacheblend.proto.v1.GenerateResponse;
import ai.cacheblend.proto.v1.LayerScores;
import ai.cacheblend.proto.v1.RowCounts;
import ai.cacheblend.proto.v1.TokenValue;
import ai.cacheblend.proto.v1.Tokens;
import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.ImmutableLongArray;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** Each step of a call happens at a time that the test sets. */
final class AnswerObserverTest {
  private static final Finished FINISHED =
      Finished.newBuilder()
          .setReason(Finished.Reason.REASON_STOP_TOKEN)
          .setNewTokenCount(3)
          .setText("!")
          .setRows(RowCounts.newBuilder().setPromptTokenCount(9).setComputedTokenCount(9))
          .addActivePositions(4)
          .addFirstTopLogits(TokenValue.newBuilder().setTokenId(7).setValue(1.5f))
          .addLayerScores(LayerScores.newBuilder().setLayer(1).addPositions(2).addScores(0.25f))
          .build();

  private final ScriptedClock clock = new ScriptedClock();
  private final CallTracer tracer = new CallTracer(clock);
  private final AnswerObserver observer = new AnswerObserver(tracer, clock, 10);
  private int messageCount;

  @Test
  void tokensHaveTheArrivalTimeOfTheirMessage() {
    send(20);
    headers(25);
    message(30, tokens("", new int[0]));
    message(40, tokens("a", new int[] {7}, -0.5f));
    message(50, tokens("bc", new int[] {8, 9}, -1f, -2f));
    message(60, GenerateResponse.newBuilder().setFinished(FINISHED).build());
    close(70);

    GenerateResult result = observer.result().join();

    assertThat(result.times())
        .isEqualTo(new CallTimes(10, 20, 25, 30, ImmutableLongArray.of(40, 50, 50), 70));
    assertThat(result.times().firstTokenNanos()).isEqualTo(40);
    assertThat(result.times().lastTokenNanos()).isEqualTo(50);
    assertThat(result.clientTtftNanos()).isEqualTo(20);
    assertThat(result.tokenIds()).isEqualTo(ImmutableIntArray.of(7, 8, 9));
    assertThat(result.logprobs()).isEqualTo(ImmutableDoubleArray.of(-0.5, -1, -2));
    assertThat(result.text()).isEqualTo("abc!");
    assertThat(result.reason()).isEqualTo("stop_token");
    assertThat(result.newTokenCount()).isEqualTo(3);
    assertThat(result.rows().promptTokenCount()).isEqualTo(9);
    assertThat(result.activePositions()).containsExactly(4);
    assertThat(result.firstTopLogits()).containsExactly(new GenerateResult.TokenValue(7, 1.5));
    assertThat(result.layerScores().get(0).rows())
        .containsExactly(new ai.cacheblend.orchestrator.client.LayerScores.RowScore(2, 0.25));
  }

  @Test
  void lateDecodingDoesNotChangeTheArrivalTime() {
    send(20);
    headers(25);
    tracer(30);
    tracer(31);
    // Both messages have arrived before the first is decoded.
    clock.at(900);
    observer.onNext(tokens("a", new int[] {7}));
    observer.onNext(GenerateResponse.newBuilder().setFinished(FINISHED).build());
    close(901);

    assertThat(observer.result().join().times().tokenNanos()).isEqualTo(ImmutableLongArray.of(30));
  }

  @Test
  void messagesArriveWithoutFlowControl() {
    ClientCallStreamObserver<GenerateRequest> call = call();
    observer.beforeStart(call);

    verify(call).disableAutoRequestWithInitial(Integer.MAX_VALUE);
  }

  @Test
  void missingLastMessageIsAnError() {
    send(20);
    message(30, tokens("a", new int[] {7}));
    close(40);

    assertFails("the answer ended without its last message");
  }

  @Test
  void answerWithoutTokensIsAnError() {
    send(20);
    message(30, tokens("", new int[0]));
    message(40, GenerateResponse.newBuilder().setFinished(FINISHED).build());
    close(50);

    assertFails("the answer has no token");
  }

  @Test
  void failureOfTheCallIsPropagated() {
    send(20);
    observer.onError(Status.NOT_FOUND.withDescription("no chunk").asRuntimeException());

    assertFails("no chunk");
  }

  private void assertFails(String message) {
    assertThatThrownBy(() -> observer.result().join())
        .isInstanceOf(CompletionException.class)
        .hasMessageContaining(message);
  }

  @SuppressWarnings("unchecked")
  private static ClientCallStreamObserver<GenerateRequest> call() {
    return mock(ClientCallStreamObserver.class);
  }

  private void send(long nanos) {
    clock.at(nanos);
    observer.beforeStart(call());
  }

  private void headers(long nanos) {
    clock.at(nanos);
    tracer.inboundHeaders(new Metadata());
  }

  private void tracer(long nanos) {
    clock.at(nanos);
    tracer.inboundMessage(messageCount++);
  }

  private void message(long nanos, GenerateResponse message) {
    tracer(nanos);
    observer.onNext(message);
  }

  private void close(long nanos) {
    clock.at(nanos);
    tracer.streamClosed(Status.OK);
    observer.onCompleted();
  }

  private static GenerateResponse tokens(String text, int[] ids, float... logprobs) {
    Tokens.Builder tokens = Tokens.newBuilder().setText(text);
    for (int id : ids) {
      tokens.addTokenIds(id);
    }
    for (float logprob : logprobs) {
      tokens.addLogprobs(logprob);
    }
    return GenerateResponse.newBuilder().setTokens(tokens).build();
  }
}
