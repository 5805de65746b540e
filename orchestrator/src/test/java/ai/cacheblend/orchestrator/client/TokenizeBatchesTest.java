package ai.cacheblend.orchestrator.client;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.proto.v1.TokenizeRequest;
import ai.cacheblend.proto.v1.TokenizeResponse;
import ai.cacheblend.proto.v1.WorkerGrpc;
import com.google.common.base.Ticker;
import com.google.common.net.HostAndPort;
import com.google.common.primitives.ImmutableIntArray;
import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A worker refuses a Tokenize with more than 4096 entries; a client sends several requests. */
final class TokenizeBatchesTest {
  private static final int LIMIT = 4096;
  private static final int COUNT = 2 * LIMIT + 1;

  private final List<Integer> entries = Collections.synchronizedList(new ArrayList<>());
  private Server server;
  private GrpcWorkerClient client;

  @BeforeEach
  void start() throws IOException {
    server =
        Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create())
            .addService(new Numbers())
            .build()
            .start();
    client =
        GrpcWorkerClient.to(
            HostAndPort.fromParts("127.0.0.1", server.getPort()),
            Ticker.systemTicker(),
            new ClientLimits(Duration.ofSeconds(60), 60),
            Access.OPEN);
  }

  @AfterEach
  void stop() {
    client.close();
    server.shutdownNow();
  }

  @Test
  void tokenizesInOrder() {
    List<String> texts = IntStream.range(0, COUNT).mapToObj(Integer::toString).toList();

    assertThat(client.tokenize(texts, false))
        .containsExactlyElementsOf(
            IntStream.range(0, COUNT).mapToObj(ImmutableIntArray::of).toList());
    assertThat(entries).containsExactly(LIMIT, LIMIT, 1);
  }

  @Test
  void detokenizesInOrder() {
    List<ImmutableIntArray> ids =
        IntStream.range(0, COUNT).mapToObj(ImmutableIntArray::of).toList();

    assertThat(client.detokenize(ids))
        .containsExactlyElementsOf(IntStream.range(0, COUNT).mapToObj(Integer::toString).toList());
    assertThat(entries).containsExactly(LIMIT, LIMIT, 1);
  }

  /** A text is the decimal form of its only token id. */
  private final class Numbers extends WorkerGrpc.WorkerImplBase {
    @Override
    public void tokenize(TokenizeRequest request, StreamObserver<TokenizeResponse> response) {
      entries.add(request.getTextsCount() + request.getTokenIdsCount());
      TokenizeResponse.Builder answer = TokenizeResponse.newBuilder();
      request
          .getTextsList()
          .forEach(
              text ->
                  answer.addTokenIds(
                      WireFormat.tokenIds(ImmutableIntArray.of(Integer.parseInt(text)))));
      request
          .getTokenIdsList()
          .forEach(ids -> answer.addTexts(Integer.toString(WireFormat.tokenIds(ids).get(0))));
      response.onNext(answer.build());
      response.onCompleted();
    }
  }
}
