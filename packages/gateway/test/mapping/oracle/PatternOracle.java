import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.regex.Pattern;
import net.minidev.json.JSONObject;
import net.minidev.json.JSONValue;

/**
 * Reads {"pattern", "text", "replacement", "limit"} per line and answers what String.matches,
 * replaceAll, replaceFirst and split of Java give: {"matches", "all", "first", "parts"}, with
 * {"invalid": message} for a pattern, and {"badReplacement": true} for a replacement, Java refuses.
 */
public final class PatternOracle {
  public static void main(String[] args) throws Exception {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      Map<?, ?> each = (Map<?, ?>) JSONValue.parseKeepingOrder(line);
      String pattern = (String) each.get("pattern");
      String text = (String) each.get("text");
      String replacement = (String) each.get("replacement");
      JSONObject answer = new JSONObject();
      try {
        Pattern.compile(pattern);
        answer.put("matches", text.matches(pattern));
        answer.put("parts", Arrays.asList(text.split(pattern, (Integer) each.get("limit"))));
        try {
          answer.put("all", text.replaceAll(pattern, replacement));
          answer.put("first", text.replaceFirst(pattern, replacement));
        } catch (IllegalArgumentException | IndexOutOfBoundsException error) {
          answer.put("badReplacement", true);
        }
      } catch (IllegalArgumentException error) {
        answer.put("invalid", error.getMessage());
      }
      out.println(answer.toJSONString());
    }
  }
}
