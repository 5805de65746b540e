package ai.cacheblend.worker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class LogEscapeTest {
  @Test
  void onlyControlCharactersAreEscaped() {
    assertThat(LogEscape.escape("a\u001b[2J\r\n\u009b\u202e\u2028\ud800"))
        .isEqualTo("a\\u001b[2J\\u000d\\u000a\\u009b\\u202e\\u2028\\ud800");
    assertThat(LogEscape.escape("naïve 漢字 😀 \\n")).isEqualTo("naïve 漢字 😀 \\n");
  }

  @Test
  void workerConfigurationEscapesMessages() throws Exception {
    PrintStream stderr = System.err;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    System.setErr(new PrintStream(out, true, StandardCharsets.UTF_8));
    try {
      LoggerContext context = new LoggerContext();
      context.setMDCAdapter(new LogbackMDCAdapter());
      JoranConfigurator configurator = new JoranConfigurator();
      configurator.setContext(context);
      configurator.doConfigure(LogEscapeTest.class.getResource("/logback.xml"));
      Logger logger = context.getLogger("test");
      logger.info("key={}", "a\u001b[31m\nb");
      context.stop();
    } finally {
      System.setErr(stderr);
    }
    assertThat(out.toString(StandardCharsets.UTF_8))
        .endsWith("level=INFO key=a\\u001b[31m\\u000ab\n");
  }
}
