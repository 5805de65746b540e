package ai.cacheblend.worker.cli;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A device on the command line: {@code cpu} or {@code cuda:N}.
 *
 * @param cudaOrdinal empty: the CPU
 */
record DeviceName(OptionalInt cudaOrdinal) {
  private static final Pattern FORM = Pattern.compile("cpu|cuda:(\\d{1,3})");

  static DeviceName parse(String text) {
    Matcher form = FORM.matcher(text);
    checkArgument(form.matches(), "--device is '%s', expected cpu or cuda:N", text);
    return new DeviceName(
        form.group(1) == null
            ? OptionalInt.empty()
            : OptionalInt.of(Integer.parseInt(form.group(1))));
  }

  boolean isCuda() {
    return cudaOrdinal.isPresent();
  }

  @Override
  public String toString() {
    return isCuda() ? "cuda:" + cudaOrdinal.getAsInt() : "cpu";
  }
}
