package ai.cacheblend.integration;

import static com.google.common.base.Preconditions.checkState;
import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.hub.mock.MockFile;
import ai.cacheblend.hub.mock.MockHub;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands on models and data sets that only the Hub has. The programs run as processes. */
final class HubIT {

  private static final String MODEL = "acme/pocket-tiny";

  @TempDir Path folder;
  private MockHub hub;

  @BeforeEach
  void setUp() throws IOException {
    hub = MockHub.start();
    List<MockFile> files = new ArrayList<>();
    files.add(MockFile.git("README.md", "A card."));
    files.add(MockFile.lfs("consolidated.safetensors", new byte[1000]));
    for (String name :
        List.of(
            "config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json")) {
      files.add(MockFile.git(name, Files.readAllBytes(Program.embeddedModel().resolve(name))));
    }
    files.add(
        MockFile.lfs(
            "model.safetensors",
            Files.readAllBytes(Program.embeddedModel().resolve("model.safetensors"))));
    hub.repository("models/" + MODEL).commit("main", files.toArray(MockFile[]::new));
  }

  @AfterEach
  void tearDown() {
    hub.close();
  }

  @Test
  void ttftDownloadsExportsAndMeasures() throws IOException {
    String[] command = {
      "ttft", "--model", MODEL, "--lengths", "512", "--trials", "2", "--out", out("first")
    };
    Program.Outcome first = run(Program.Main.ORCHESTRATOR, command);

    assertThat(first.exitCode()).as(first.err()).isZero();
    assertThat(lines(first, "downloaded acme/pocket-tiny: 5 files, ")).isEqualTo(1);
    assertThat(lines(first, "worker: exporting ")).isPositive();
    assertThat(JsonFiles.read(folder.resolve("first/result.json")).path("rows")).hasSize(1);
    assertThat(downloads()).hasSize(5).noneMatch(target -> target.contains("consolidated"));

    hub.close();
    command[command.length - 1] = out("second");
    Program.Outcome second = run(Program.Main.ORCHESTRATOR, command);
    assertThat(second.exitCode()).as(second.err()).isZero();
    assertThat(second.err()).doesNotContain("downloaded", "exporting");
  }

  @Test
  void qualityDownloadsItsData() throws IOException {
    StringBuilder csv = new StringBuilder("id,dialogue,summary\n");
    for (int i = 0; i < 16; i++) {
      csv.append(
          "%d,\"Ann: Did you feed cat %d?\nBob: Yes.\",Bob fed cat %d.\n".formatted(i, i, i));
    }
    hub.repository("datasets/knkarthick/samsum")
        .commit("main", MockFile.git("README.md", "x"), MockFile.lfs("test.csv", bytes(csv)));
    String[] command = {
      "quality",
      "--model",
      MODEL,
      "--dataset",
      "samsum",
      "--samples",
      "5",
      "--max-new-tokens",
      "4",
      "--out",
      out("first")
    };
    Program.Outcome first = run(Program.Main.ORCHESTRATOR, command);

    assertThat(first.exitCode()).as(first.err()).isZero();
    assertThat(lines(first, "downloaded knkarthick/samsum: 1 file, ")).isEqualTo(1);
    assertThat(lines(first, "downloaded acme/pocket-tiny: 5 files, ")).isEqualTo(1);
    assertThat(JsonFiles.lines(folder.resolve("first/samples.jsonl"))).hasSize(5);

    hub.close();
    command[command.length - 1] = out("second");
    Program.Outcome second = run(Program.Main.ORCHESTRATOR, command);
    assertThat(second.exitCode()).as(second.err()).isZero();
    assertThat(second.err()).doesNotContain("downloaded", "exporting");
  }

  private static byte[] bytes(CharSequence text) {
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void dataThatCannotBeHadIsOneLine() {
    Program.Outcome outcome = run(Program.Main.ORCHESTRATOR, "quality", "--dataset", "samsum");
    assertThat(outcome.exitCode()).isEqualTo(1);
    assertThat(outcome.errorLines())
        .singleElement()
        .asString()
        .startsWith("cacheblend quality: data set samsum is in no repository that can be read: ")
        .contains("knkarthick/samsum that is public", "THUDM/LongBench that is public");
  }

  @Test
  void aFingerprintIsThatOfTheContent() throws IOException {
    String byName = fingerprint("by-name", MODEL);
    String byFolder = fingerprint("by-folder", Program.embeddedModel().toString());
    assertThat(byName).isEqualTo(byFolder).isNotEmpty();
  }

  private String fingerprint(String out, String checkpoint) {
    Program.Outcome exported =
        run(Program.Main.WORKER, "export", "--checkpoint", checkpoint, "--out", out(out));
    assertThat(exported.exitCode()).as(exported.err()).isZero();
    return exported.err().replaceAll("(?s).*fingerprint (\\S+).*", "$1");
  }

  @Test
  void timingNeedsNoWeights() {
    Program.Outcome exported =
        run(
            Program.Main.WORKER,
            "export",
            "--checkpoint",
            MODEL,
            "--random-weights",
            "--out",
            out("random"));
    assertThat(exported.exitCode()).as(exported.err()).isZero();
    assertThat(downloads()).noneMatch(target -> target.contains("safetensors"));
  }

  @Test
  void pullPrintsTheFolderAndFetchesNothingTwice() {
    Program.Outcome first = run(Program.Main.ORCHESTRATOR, "pull", MODEL);
    assertThat(first.exitCode()).as(first.err()).isZero();
    Path snapshot = Path.of(first.out().strip());
    assertThat(snapshot.getParent())
        .isEqualTo(folder.resolve("hf/hub/models--acme--pocket-tiny/snapshots"));
    assertThat(snapshot.resolve("model.safetensors"))
        .hasSameBinaryContentAs(Program.embeddedModel().resolve("model.safetensors"));
    assertThat(first.errorLines()).singleElement().asString().startsWith("downloaded acme/");

    hub.forgetRequests();
    Program.Outcome second = run(Program.Main.ORCHESTRATOR, "pull", MODEL);
    assertThat(second.out()).isEqualTo(first.out());
    assertThat(second.errorLines())
        .singleElement()
        .asString()
        .startsWith("acme/pocket-tiny is complete: 5 files, 20.7 MB in " + snapshot);
    assertThat(downloads()).isEmpty();
  }

  @Test
  void whatCannotBeHadIsOneLine() {
    for (String[] command :
        new String[][] {
          {"pull", "no/such"}, {"ttft", "--model", "no/such"}, {"pull", "--dataset", "no/such"}
        }) {
      Program.Outcome outcome = run(Program.Main.ORCHESTRATOR, command);
      assertThat(outcome.exitCode()).isEqualTo(1);
      assertThat(outcome.errorLines())
          .singleElement()
          .asString()
          .startsWith("cacheblend " + command[0] + ": ")
          .contains("no/such that is public; check the name, or set HF_TOKEN");
    }
    assertThat(run(Program.Main.ORCHESTRATOR, "pull").exitCode()).isEqualTo(2);
    assertThat(run(Program.Main.ORCHESTRATOR, "pull", "a/b", "--dataset", "c/d").exitCode())
        .isEqualTo(2);
    assertThat(run(Program.Main.ORCHESTRATOR, "pull", "../x").exitCode()).isEqualTo(2);
    assertThat(run(Program.Main.ORCHESTRATOR, "pull", "a/b", "--revision", "..").exitCode())
        .isEqualTo(2);
  }

  private List<String> downloads() {
    return hub.requests().stream()
        .map(request -> request.target())
        .filter(target -> target.contains("/resolve/"))
        .filter(target -> !target.startsWith("/api/"))
        .toList();
  }

  private static long lines(Program.Outcome outcome, String beginning) {
    return outcome.err().lines().filter(line -> line.startsWith(beginning)).count();
  }

  private String out(String name) {
    return folder.resolve(name).toString();
  }

  /** With caches in the test's folder, and the mock Hub as endpoint. */
  private Program.Outcome run(Program.Main main, String... arguments) {
    try {
      ProcessBuilder builder = Program.builder(main, arguments);
      builder.environment().keySet().removeIf(HubIT::concernsTheNetwork);
      builder.environment().put("HF_HOME", out("hf"));
      builder.environment().put("XDG_CACHE_HOME", out("cache"));
      builder.environment().put("HF_ENDPOINT", hub.endpoint());
      builder.environment().put("CACHEBLEND_LAUNCHER", launcher().toString());
      Path out = Files.createTempFile(folder, "program", ".out");
      Path err = Files.createTempFile(folder, "program", ".err");
      Process process = builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
      checkState(process.waitFor(Program.LIMIT_SECONDS, TimeUnit.SECONDS), "it does not end");
      return new Program.Outcome(process.exitValue(), Files.readString(out), Files.readString(err));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static boolean concernsTheNetwork(String variable) {
    String name = variable.toUpperCase(Locale.ROOT);
    return name.startsWith("HF_") || name.endsWith("_PROXY") || name.endsWith("_OFFLINE");
  }

  /** Starts the worker in the same way as the launcher. */
  private Path launcher() throws IOException {
    Path script = folder.resolve("launcher");
    String command =
        Program.builder(Program.Main.WORKER).command().stream()
            .map(word -> "'" + word + "'")
            .collect(Collectors.joining(" "));
    Files.writeString(script, "#!/bin/sh\nexec " + command + " \"$@\"\n");
    checkState(script.toFile().setExecutable(true));
    return script;
  }
}
