package ai.cacheblend.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ai.cacheblend.proto.v1.Arm;
import ai.cacheblend.proto.v1.CacheBlend;
import ai.cacheblend.proto.v1.CheckStep;
import ai.cacheblend.proto.v1.CollectRequest;
import ai.cacheblend.proto.v1.DescribeRequest;
import ai.cacheblend.proto.v1.DeviationSelector;
import ai.cacheblend.proto.v1.FullKvReuse;
import ai.cacheblend.proto.v1.FullPrefill;
import ai.cacheblend.proto.v1.PoolStatistics;
import ai.cacheblend.proto.v1.Segment;
import ai.cacheblend.proto.v1.TokenIdCodec;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Each invalid input gets one line, its status or exit code; the worker continues to serve. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class BadInputIT {
  private static final Arm FULL_PREFILL =
      Arm.newBuilder().setFullPrefill(FullPrefill.getDefaultInstance()).build();

  @TempDir private static Path folder;
  private Path model;
  private RealWorker worker;

  @BeforeAll
  void serve() {
    model = folder.resolve("model");
    Program.Outcome export =
        Program.run(
            Program.Main.WORKER,
            "export",
            "--checkpoint",
            Golden.folder("mistral-tiny").toString(),
            "--out",
            model.toString());
    assertThat(export.exitCode()).as(export.err()).isZero();
    worker = RealWorker.serve(model, "--threads", "1");
  }

  @AfterAll
  void stop() {
    worker.close();
  }

  @AfterEach
  void workerContinuesToServeAndHoldsNoMemory() {
    var answer = Answers.generate(worker.calls(), Answers.request(tokens(7), FULL_PREFILL, 2));
    assertThat(answer.tokenIds()).hasSize(2);
    PoolStatistics pool = worker.calls().describe(DescribeRequest.getDefaultInstance()).getPool();
    assertThat(pool.getFreeBlockCount()).isEqualTo(pool.getTotalBlockCount());
  }

  @Test
  void millionTokens() {
    StatusRuntimeException failure = refused(tokens(1_000_000), FULL_PREFILL);
    assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertOneLine(failure, "1000000");
  }

  @Test
  void unknownChunk() {
    Segment chunk = segment(true, 11, 12, 13);
    Arm reuse = Arm.newBuilder().setFullKvReuse(FullKvReuse.getDefaultInstance()).build();
    StatusRuntimeException failure =
        refused(List.of(segment(false, 1), chunk, segment(false, 5)), reuse);
    assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND);
    assertOneLine(failure, "segment");
  }

  @Test
  void emptyPrompt() {
    StatusRuntimeException failure = refused(List.of(), FULL_PREFILL);
    assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertOneLine(failure, "segments");
  }

  @Test
  void negativeRatio() {
    StatusRuntimeException failure = refusedBlend(1, -1);
    assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertOneLine(failure, "-1");
  }

  @Test
  void checkLayerZero() {
    StatusRuntimeException failure = refusedBlend(0, 0.15);
    assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertOneLine(failure, "layer", "0");
  }

  @Test
  void checkLayerThatIsNotInTheGraph() {
    StatusRuntimeException failure = refusedBlend(2, 0.15);
    assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertOneLine(failure, "2", "--check-layers");
  }

  @Test
  void tokenOutsideTheVocabulary() {
    StatusRuntimeException failure = refused(List.of(segment(false, 1, 512)), FULL_PREFILL);
    assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertOneLine(failure, "512");
  }

  @Test
  void truncatedSafetensors() throws IOException {
    Path checkpoint = copyOfCheckpoint("truncated");
    Path weights = checkpoint.resolve("model.safetensors");
    try (FileChannel channel = FileChannel.open(weights, StandardOpenOption.WRITE)) {
      channel.truncate(Files.size(weights) / 2);
    }
    Path out = folder.resolve("truncated-model");
    Program.Outcome outcome =
        Program.run(
            Program.Main.WORKER,
            "export",
            "--checkpoint",
            checkpoint.toString(),
            "--out",
            out.toString());
    assertThat(outcome.exitCode()).isEqualTo(1);
    assertThat(outcome.errorLines()).hasSize(1);
    assertThat(outcome.err()).contains("model.safetensors");
    assertThat(out).doesNotExist();
  }

  @Test
  void missingTokenizer() throws IOException {
    Path copy = copyOf(model, "no-tokenizer");
    Files.delete(copy.resolve("tokenizer.json"));
    assertWorkerFails(copy, "tokenizer.json");
  }

  @Test
  void modelFolderThatDoesNotExist() {
    assertWorkerFails(folder.resolve("nowhere"), "nowhere");
  }

  @Test
  void portInUse() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertWorkerFails(
          model, Integer.toString(taken.getLocalPort()), "--host", "127.0.0.1", "--port");
    }
  }

  @Test
  void unknownOptionIsBadUsage() {
    Program.Outcome outcome =
        Program.run(Program.Main.WORKER, "worker", "--model", model.toString(), "--colour", "red");
    assertThat(outcome.exitCode()).isEqualTo(2);
    assertThat(outcome.err()).contains("--colour");
  }

  @Test
  void killedWorkerIsReportedInOneLine() {
    RealWorker victim = RealWorker.serve(model, "--threads", "1");
    victim.kill();
    Program.Outcome outcome =
        Program.run(
            Program.Main.ORCHESTRATOR, "ttft", "--worker", victim.address(), "--lengths", "512");
    victim.close();
    assertThat(outcome.exitCode()).isEqualTo(1);
    assertThat(outcome.errorLines()).hasSize(1);
    assertThat(outcome.err()).contains(victim.address());
  }

  @Test
  void terminatedWorkerExitsWithZero() {
    try (RealWorker other = RealWorker.serve(model, "--threads", "1")) {
      assertThat(other.terminate()).isZero();
    }
  }

  private void assertWorkerFails(Path folderOfModel, String named, String... options) {
    List<String> arguments =
        Stream.concat(Stream.of("worker", "--model", folderOfModel.toString()), Stream.of(options))
            .collect(Collectors.toCollection(ArrayList::new));
    if (options.length > 0) {
      arguments.add(named);
    }
    Program.Outcome outcome = Program.run(Program.Main.WORKER, arguments.toArray(String[]::new));
    assertThat(outcome.exitCode()).as(outcome.err()).isEqualTo(1);
    assertThat(outcome.errorLines()).hasSize(1);
    assertThat(outcome.err()).contains(named);
    assertThat(outcome.out()).isEmpty();
  }

  private StatusRuntimeException refusedBlend(int layer, double share) {
    Segment chunk = segment(true, 21, 22, 23, 24);
    var unused = worker.calls().collect(CollectRequest.newBuilder().addChunks(chunk).build());
    Arm blend =
        Arm.newBuilder()
            .setCacheblend(
                CacheBlend.newBuilder()
                    .setDeviation(
                        DeviationSelector.newBuilder()
                            .setTensor(DeviationSelector.Tensor.TENSOR_VALUE)
                            .addSchedule(CheckStep.newBuilder().setLayer(layer).setShare(share))))
            .build();
    return refused(List.of(segment(false, 1), chunk, segment(false, 5)), blend);
  }

  private StatusRuntimeException refused(List<Segment> segments, Arm arm) {
    return catchThrowableOfType(
        StatusRuntimeException.class,
        () -> Answers.generate(worker.calls(), Answers.request(segments, arm, 2)));
  }

  private static void assertOneLine(StatusRuntimeException failure, String... named) {
    String message = failure.getStatus().getDescription();
    assertThat(message).doesNotContain("\n").contains(named);
  }

  private static List<Segment> tokens(int count) {
    return List.of(
        Segment.newBuilder()
            .setTokenIds(TokenIdCodec.encode(IntStream.range(0, count).map(i -> 9).toArray()))
            .build());
  }

  private static Segment segment(boolean cached, int... ids) {
    return Segment.newBuilder().setTokenIds(TokenIdCodec.encode(ids)).setCached(cached).build();
  }

  private Path copyOfCheckpoint(String name) throws IOException {
    return copyOf(Golden.folder("mistral-tiny"), name);
  }

  private static Path copyOf(Path source, String name) throws IOException {
    Path copy = Files.createDirectory(folder.resolve(name));
    try (Stream<Path> files = Files.list(source)) {
      for (Path file : files.toList()) {
        Files.copy(file, copy.resolve(file.getFileName().toString()));
      }
    }
    return copy;
  }
}
