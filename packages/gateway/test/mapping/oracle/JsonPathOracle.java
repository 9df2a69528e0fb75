import com.jayway.jsonpath.Configuration;
import com.jayway.jsonpath.JsonPath;
import com.jayway.jsonpath.spi.json.JsonSmartJsonProvider;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import net.minidev.json.JSONObject;
import net.minidev.json.JSONValue;

/**
 * Reads one case per line, {"path": …, "document": …}, and writes one line per case with what
 * Jayway JsonPath 2.0.0 says: {"definite": …, "value": …}, {"invalid": message} when the path does
 * not compile, {"missing": message} when reading it fails.
 */
public final class JsonPathOracle {
  public static void main(String[] args) throws Exception {
    Configuration configuration =
        Configuration.builder().jsonProvider(new JsonSmartJsonProvider()).build();
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      Map<?, ?> testCase = (Map<?, ?>) JSONValue.parseKeepingOrder(line);
      JSONObject answer = new JSONObject();
      JsonPath path = null;
      try {
        path = JsonPath.compile((String) testCase.get("path"));
      } catch (Throwable error) {
        answer.put("invalid", error.getClass().getSimpleName() + ": " + error.getMessage());
      }
      if (path != null) {
        try {
          Object value = path.read(testCase.get("document"), configuration);
          answer.put("definite", path.isDefinite());
          answer.put("value", value);
        } catch (Throwable error) {
          answer.put("missing", error.getClass().getSimpleName() + ": " + error.getMessage());
        }
      }
      out.println(answer.toJSONString());
    }
  }
}
