package ai.cacheblend.worker.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ai.cacheblend.proto.v1.DescribeRequest;
import ai.cacheblend.proto.v1.WorkerGrpc;
import ai.cacheblend.worker.access.BearerTokens;
import ai.cacheblend.worker.testing.EngineFixture;
import com.google.common.base.Ticker;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class TokenTest {
  private static final String ADDRESS = "token-test";
  private static final String TOKEN = "0123456789abcdef";

  @TempDir private Path folder;
  private final EngineFixture fixture = new EngineFixture();
  private final ManagedChannel channel = InProcessChannelBuilder.forName(ADDRESS).build();
  private WorkerServer server;

  @AfterEach
  void end() throws Exception {
    channel.shutdownNow();
    server.shutDown(Duration.ofSeconds(5));
    fixture.close();
  }

  @Test
  void callsRequireAToken() throws Exception {
    start(tokens(), false);

    assertThat(describe("Bearer " + TOKEN)).isEqualTo(Status.Code.OK);
    assertThat(describe("bearer " + TOKEN)).isEqualTo(Status.Code.OK);
    for (String refused :
        new String[] {null, "", TOKEN, "Basic " + TOKEN, "Bearer", "Bearer ", "Bearer x" + TOKEN}) {
      assertThat(describe(refused)).as(refused).isEqualTo(Status.Code.UNAUTHENTICATED);
    }
  }

  @Test
  void rejectedCallIsNotDecoded() throws Exception {
    start(tokens(), false);
    MethodDescriptor<byte[], byte[]> broken = RawCalls.method(WorkerGrpc.getGenerateMethod());

    StatusRuntimeException failure =
        catchThrowableOfType(
            StatusRuntimeException.class,
            () ->
                ClientCalls.blockingServerStreamingCall(
                        channel, broken, CallOptions.DEFAULT, new byte[] {(byte) 0xff})
                    .next());

    assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
  }

  @Test
  void healthChecksNeedNoToken() throws Exception {
    start(tokens(), false);

    assertThat(
            HealthGrpc.newBlockingStub(channel)
                .check(HealthCheckRequest.getDefaultInstance())
                .getStatus())
        .isEqualTo(ServingStatus.SERVING);
  }

  @Test
  void reflectionIsServedOnRequestAndRequiresTheToken() throws Exception {
    start(tokens(), true);

    assertThat(reflect("Bearer " + TOKEN)).isEqualTo(Status.Code.OK);
    assertThat(reflect(null)).isEqualTo(Status.Code.UNAUTHENTICATED);
  }

  @Test
  void reflectionCanBeDisabled() throws Exception {
    start(tokens(), false);

    assertThat(reflect("Bearer " + TOKEN)).isEqualTo(Status.Code.UNIMPLEMENTED);
  }

  @Test
  void bothVersionsOfReflectionAreServed() throws Exception {
    start(Optional.empty(), true);

    assertThat(reflect(null)).isEqualTo(Status.Code.OK);
    byte[] listServices = {0x3a, 0x01, '*'};
    MethodDescriptor<byte[], byte[]> alpha =
        RawCalls.method(
            "grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
            MethodDescriptor.MethodType.BIDI_STREAMING);
    CompletableFuture<byte[]> answer = new CompletableFuture<>();
    StreamObserver<byte[]> requests =
        ClientCalls.asyncBidiStreamingCall(
            channel.newCall(alpha, CallOptions.DEFAULT), RawCalls.first(answer));
    requests.onNext(listServices);
    requests.onCompleted();
    assertThat(new String(answer.get(), StandardCharsets.ISO_8859_1))
        .contains("cacheblend.v1.Worker");
  }

  private Optional<BearerTokens> tokens() throws Exception {
    return Optional.of(
        BearerTokens.load(Files.writeString(folder.resolve("tokens"), TOKEN + "\n")));
  }

  private void start(Optional<BearerTokens> tokens, boolean reflection) throws Exception {
    server =
        new WorkerServer(
            InProcessServerBuilder.forName(ADDRESS),
            fixture.engine,
            ServiceFixture.description(),
            new ServerAccess(tokens, reflection),
            Duration.ofSeconds(5),
            Ticker.systemTicker());
    server.start();
  }

  private Status.Code describe(String authorization) {
    try {
      boolean described =
          WorkerGrpc.newBlockingStub(channel)
              .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers(authorization)))
              .describe(DescribeRequest.getDefaultInstance())
              .hasModel();
      return described ? Status.Code.OK : Status.Code.UNKNOWN;
    } catch (StatusRuntimeException e) {
      return e.getStatus().getCode();
    }
  }

  private Status.Code reflect(String authorization) throws Exception {
    CompletableFuture<ServerReflectionResponse> answer = new CompletableFuture<>();
    StreamObserver<ServerReflectionRequest> requests =
        ServerReflectionGrpc.newStub(channel)
            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers(authorization)))
            .serverReflectionInfo(RawCalls.first(answer));
    requests.onNext(ServerReflectionRequest.newBuilder().setListServices("*").build());
    requests.onCompleted();
    try {
      return answer.get().hasListServicesResponse() ? Status.Code.OK : Status.Code.UNKNOWN;
    } catch (ExecutionException e) {
      return Status.fromThrowable(e).getCode();
    }
  }

  private static Metadata headers(String authorization) {
    Metadata headers = new Metadata();
    if (authorization != null) {
      headers.put(TokenInterceptor.AUTHORIZATION, authorization);
    }
    return headers;
  }
}
