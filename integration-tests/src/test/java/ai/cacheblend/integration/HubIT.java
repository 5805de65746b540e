package ai.cacheblend.integration;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.hub.mock.MockFile;
import ai.cacheblend.hub.mock.MockHub;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands on models and data sets that only the Hub has. The programs run as processes. */
final class HubIT {

  private static final String MODEL = "acme/pocket-tiny";

  @TempDir Path folder;
  private MockHub hub;
  private HubPrograms programs;

  @BeforeEach
  void setUp() throws IOException {
    hub = MockHub.start();
    programs = new HubPrograms(folder, hub);
    List<MockFile> files = new ArrayList<>(HubPrograms.checkpoint(Program.embeddedModel()));
    files.add(MockFile.git("README.md", "A card."));
    files.add(MockFile.lfs("consolidated.safetensors", new byte[1000]));
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
    Program.Outcome first = programs.run(Program.Main.ORCHESTRATOR, command);

    assertThat(first.exitCode()).as(first.err()).isZero();
    assertPhases(
        first,
        "downloaded acme/pocket-tiny: 5 files, ",
        "starting a worker for " + MODEL,
        "worker: exporting ",
        "worker: loading " + MODEL,
        "worker: warming up",
        "ttft 100 %");
    assertThat(JsonFiles.read(folder.resolve("first/result.json")).path("rows")).hasSize(1);
    assertThat(downloads()).hasSize(5).noneMatch(target -> target.contains("consolidated"));

    hub.close();
    command[command.length - 1] = out("second");
    Program.Outcome second = programs.run(Program.Main.ORCHESTRATOR, command);
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
    Program.Outcome first = programs.run(Program.Main.ORCHESTRATOR, command);

    assertThat(first.exitCode()).as(first.err()).isZero();
    assertPhases(
        first,
        "downloaded knkarthick/samsum: 1 file, ",
        "downloaded acme/pocket-tiny: 5 files, ",
        "starting a worker for " + MODEL,
        "worker: exporting ",
        "worker: loading " + MODEL,
        "worker: warming up",
        "samsum 100 %");
    assertThat(JsonFiles.lines(folder.resolve("first/samples.jsonl"))).hasSize(5);

    hub.close();
    command[command.length - 1] = out("second");
    Program.Outcome second = programs.run(Program.Main.ORCHESTRATOR, command);
    assertThat(second.exitCode()).as(second.err()).isZero();
    assertThat(second.err()).doesNotContain("downloaded", "exporting");
  }

  private static byte[] bytes(CharSequence text) {
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void dataThatCannotBeHadIsOneLine() {
    Program.Outcome outcome =
        programs.run(Program.Main.ORCHESTRATOR, "quality", "--dataset", "samsum");
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
        programs.run(Program.Main.WORKER, "export", "--checkpoint", checkpoint, "--out", out(out));
    assertThat(exported.exitCode()).as(exported.err()).isZero();
    return exported.err().replaceAll("(?s).*fingerprint (\\S+).*", "$1");
  }

  @Test
  void timingNeedsNoWeights() {
    Program.Outcome exported =
        programs.run(
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
    Program.Outcome first = programs.run(Program.Main.ORCHESTRATOR, "pull", MODEL);
    assertThat(first.exitCode()).as(first.err()).isZero();
    Path snapshot = Path.of(first.out().strip());
    assertThat(snapshot.getParent())
        .isEqualTo(folder.resolve("hf/hub/models--acme--pocket-tiny/snapshots"));
    assertThat(snapshot.resolve("model.safetensors"))
        .hasSameBinaryContentAs(Program.embeddedModel().resolve("model.safetensors"));
    assertThat(first.errorLines()).singleElement().asString().startsWith("downloaded acme/");

    hub.forgetRequests();
    Program.Outcome second = programs.run(Program.Main.ORCHESTRATOR, "pull", MODEL);
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
      Program.Outcome outcome = programs.run(Program.Main.ORCHESTRATOR, command);
      assertThat(outcome.exitCode()).isEqualTo(1);
      assertThat(outcome.errorLines())
          .singleElement()
          .asString()
          .startsWith("cacheblend " + command[0] + ": ")
          .contains("no/such that is public; check the name, or set HF_TOKEN");
    }
    assertThat(programs.run(Program.Main.ORCHESTRATOR, "pull").exitCode()).isEqualTo(2);
    assertThat(
            programs.run(Program.Main.ORCHESTRATOR, "pull", "a/b", "--dataset", "c/d").exitCode())
        .isEqualTo(2);
    assertThat(programs.run(Program.Main.ORCHESTRATOR, "pull", "../x").exitCode()).isEqualTo(2);
    assertThat(
            programs.run(Program.Main.ORCHESTRATOR, "pull", "a/b", "--revision", "..").exitCode())
        .isEqualTo(2);
  }

  private List<String> downloads() {
    return hub.requests().stream()
        .map(request -> request.target())
        .filter(target -> target.contains("/resolve/"))
        .filter(target -> !target.startsWith("/api/"))
        .toList();
  }

  /** One line begins with each of these, in this order. */
  private static void assertPhases(Program.Outcome outcome, String... beginnings) {
    assertThat(
            outcome
                .err()
                .lines()
                .flatMap(line -> Stream.of(beginnings).filter(line::startsWith))
                .toList())
        .as(outcome.err())
        .containsExactly(beginnings);
  }

  private String out(String name) {
    return folder.resolve(name).toString();
  }
}
