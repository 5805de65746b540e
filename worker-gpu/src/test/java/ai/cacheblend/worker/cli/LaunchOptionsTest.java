package ai.cacheblend.worker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class LaunchOptionsTest {
  @Test
  void reportsOptionsWithValuesButNoAddressAndNoSecretFile() {
    List<String> options =
        LaunchOptions.of(
            WorkerMain.commandLine()
                .parseArgs(
                    "worker",
                    "--threads",
                    "4",
                    "--model=m",
                    "--check-layers=1,2",
                    "--port=0",
                    "--host=10.0.0.1",
                    "--store=redis://ada:secret@10.0.0.2",
                    "--token-file=/home/ada/tokens")
                .subcommand());

    assertThat(options)
        .containsExactly(
            "--check-layers=1,2", "--model=m", "--store", "--threads=4", "--token-file");
  }

  @Test
  void reportsNoSystemPropertyThatCanHoldASecret() {
    assertThat(
            LaunchOptions.jvmArguments(
                List.of("-Xmx1g", "-Djavax.net.ssl.keyStorePassword=x", "-Da.TOKEN=y", "-Dz=1")))
        .containsExactly("-Xmx1g", "-Dz=1");
  }
}
