package ai.cacheblend.worker.cli;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A size on the command line: {@code 512m}, {@code 4g}. */
record ByteCount(long bytes) {
  private static final Pattern FORM = Pattern.compile("(\\d{1,12})([kmgt]?)");

  ByteCount {
    checkArgument(bytes >= 0, "%s bytes are negative", bytes);
  }

  static ByteCount parse(String text) {
    Matcher form = FORM.matcher(text.toLowerCase(Locale.ROOT));
    if (!form.matches()) {
      throw new TypeConversionException(
          "'" + text + "' is not a valid size, for example 512m or 4g");
    }
    int shift =
        switch (form.group(2)) {
          case "k" -> 10;
          case "m" -> 20;
          case "g" -> 30;
          case "t" -> 40;
          default -> 0;
        };
    long value = Long.parseLong(form.group(1));
    if (value > Long.MAX_VALUE >> shift) {
      throw new TypeConversionException("'" + text + "' is too large; the maximum is 8 EiB");
    }
    return new ByteCount(value << shift);
  }

  /** For picocli. */
  static final class Converter implements ITypeConverter<ByteCount> {
    @Override
    public ByteCount convert(String text) {
      return parse(text);
    }
  }
}
