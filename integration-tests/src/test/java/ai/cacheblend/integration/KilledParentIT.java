package ai.cacheblend.integration;

import static com.google.common.base.Preconditions.checkState;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kills the orchestrator (SIGKILL): the worker that it started ends, too. */
final class KilledParentIT {
  private static final String PID = "worker: pid ";

  @TempDir Path folder;

  @Test
  void servingWorkerExits() throws Exception {
    killAfter("trial of 64 tokens");
  }

  @Test
  void startingWorkerExits() throws Exception {
    killAfter(PID);
  }

  private void killAfter(String text)
      throws IOException, InterruptedException, ExecutionException, TimeoutException {
    ProcessBuilder builder =
        Program.builder(
            Program.Main.ORCHESTRATOR,
            "ttft",
            "--verbose",
            "--model",
            Program.embeddedModel().toString(),
            "--lengths",
            "64",
            "--trials",
            "200",
            "--warmup",
            "0");
    builder
        .environment()
        .put("CACHEBLEND_LAUNCHER", Program.launcher(folder, "echo \"pid $$\" >&2").toString());
    Process orchestrator = builder.redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
    ProcessHandle worker;
    try (BufferedReader err = orchestrator.errorReader()) {
      String pid = lineWith(PID, err).substring(PID.length());
      worker = ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
      if (!text.equals(PID)) {
        lineWith(text, err);
      }
      orchestrator.destroyForcibly().waitFor();
    }

    worker.onExit().get(Program.LIMIT_SECONDS, TimeUnit.SECONDS);
    assertThat(worker.isAlive()).isFalse();
  }

  private static String lineWith(String text, BufferedReader lines) throws IOException {
    String line = lines.readLine();
    while (line != null && !line.contains(text)) {
      line = lines.readLine();
    }
    checkState(line != null, "the orchestrator ended before it printed '%s'", text);
    return line;
  }
}
