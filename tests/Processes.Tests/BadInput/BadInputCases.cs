using AdaptCluster.Processes.Tests.Support;

namespace AdaptCluster.Processes.Tests.BadInput;

/// <summary>Everything that a person gets wrong, one command each.</summary>
internal static class BadInputCases
{
    private const string Train = "sources train new --data IN LABELLED";
    private const string Fit = "prior fit bakeries --data IN LABELLED";
    private const string Adapt = "tasks adapt bakeries --data IN LABELLED";
    private const string Predict = "predict bakeries --data IN --task shop --out OUT";
    private const string Evaluate = "evaluate bakeries --data IN LABELLED";

    // The second order spans lines 3 and 4: the places that follow are lines of the file, not orders.
    private const string Good = Bakeries.Header + "\r\nnew,wheat,900,9,1300\r\nnew,\"spelt,\nwhole grain\",1000,10,1350\r\n";
    private const string Known = Bakeries.Header + "\r\n\"Lyon, \"\"Est\"\" 0\",wheat,900,9,1300\r\n";

    private const string Panel = "panels adapt bakeries new --data IN --targets ";

    // Two targets; the second observed one of three rows, which are on lines 2, 3 and 5.
    private const string Wide = "flour,weight_g,hour,a,b\r\nwheat,900,9,1300,\r\n\"spelt,\nwhole grain\",1000,10,1350,\r\nwheat,1100,11,,1400\r\n";

    public static IReadOnlyDictionary<string, BadInputCase> All { get; } = Cases().ToDictionary(one => one.Name, StringComparer.Ordinal);

    private static IEnumerable<BadInputCase> Cases() => [.. Files(), .. Columns(), .. Numbers(), .. Sizes(), .. Names(), .. Options(), .. Panels()];

    private static IEnumerable<BadInputCase> Files() =>
    [
        new("train, missing file", "sources train new --data MISSING LABELLED", "missing.csv", "no such file", "check the path"),
        new("fit, missing file", "prior fit bakeries --data MISSING LABELLED", "missing.csv", "no such file", "check the path"),
        new("adapt, missing file", "tasks adapt bakeries --data MISSING LABELLED", "missing.csv", "no such file", "check the path"),
        new("predict, missing file", "predict bakeries --data MISSING --task shop --out OUT", "missing.csv", "no such file", "check the path"),
        new("evaluate, missing file", "evaluate bakeries --data MISSING LABELLED", "missing.csv", "no such file", "check the path"),
        new("train, empty file", Train, "in.csv", "the file is empty", "give it columns and rows") { Rows = string.Empty },
        new("adapt, empty file", Adapt, "in.csv", "the file is empty", "give it columns and rows") { Rows = string.Empty },
        new("train, header only", Train, "in.csv", "no rows", "add"),
        new("fit, header only", Fit, "in.csv", "no rows", "add"),
        new("adapt, header only", Adapt, "in.csv", "no rows", "add"),
        new("predict, header only", Predict, "in.csv", "no rows", "add"),
        new("train, a binary file", Train, "in.csv, line 1", "not UTF-8", "save the file as CSV in UTF-8") { Bytes = [0x50, 0x4B, 3, 4, 0xFF, 0xFE, 0, 200, 201] },
        new("train, CSV named Parquet", Train, "in.parquet", "not") { Rows = Good, File = "in.parquet" },
        new("train, unknown extension", Train, "in.xlsx", ".csv") { Rows = Good, File = "in.xlsx" },
        new("train, a folder", "sources train new --data FOLDER LABELLED", "directory", "name a file"),
        new("train, a quote that never ends", Train, "in.csv", "line 3", "quote") { Rows = Bakeries.Header + "\r\nnew,wheat,1,2,3\r\nnew,\"wheat,1,2,3\r\n" },
        new("train, a short line", Train, "in.csv, line 5", "4", "5") { Rows = Good + "new,wheat,1,2\r\n" },
        new("predict, no such folder for the result", "predict bakeries --data SCORED --task shop --out NOFOLDER", "there is no folder", "create it"),
        new("predict, result is a folder", "predict bakeries --data SCORED --task shop --out FOLDER", "this is a directory", "name a file"),
        new("predict, result of an unknown kind", "predict bakeries --data SCORED --task shop --out XLSX", "out.xlsx", ".csv"),
    ];

    private static IEnumerable<BadInputCase> Columns() =>
    [
        new("train, unknown feature", Train + " --features flour,wieght_g", "in.csv", "'wieght_g'", "did you mean 'weight_g'") { Rows = Good },
        new("train, target as feature", Train + " --features flour,price_eur", "--features", "'price_eur'", "input columns only") { Rows = Good },
        new("train, unknown target", "sources train new --data IN --target prize_eur --task shop", "in.csv", "'prize_eur'", "did you mean 'price_eur'") { Rows = Good },
        new("train, unknown task column", "sources train new --data IN --target price_eur --task shops", "in.csv", "'shops'", "did you mean 'shop'") { Rows = Good },
        new("adapt, another target", "tasks adapt bakeries --data IN --target hour --task shop", "--target", "'hour'", "use price_eur") { Rows = Good },
        new("adapt, unknown task column", "tasks adapt bakeries --data IN --target price_eur --task shops", "in.csv", "'shops'", "did you mean 'shop'") { Rows = Good },
        new("predict, unknown task column", "predict bakeries --data IN --task shops --out OUT", "in.csv", "'shops'", "did you mean 'shop'") { Rows = Good },
        new("predict, missing column", Predict, "in.csv", "'hour'", "add") { Rows = "shop,flour,weight_g\r\n\"Lyon, \"\"Est\"\" 0\",wheat,900\r\n" },
        new("predict, extra column", Predict, "in.csv", "'colour'", "--ignore-extra") { Rows = "shop,flour,weight_g,hour,colour\r\n\"Lyon, \"\"Est\"\" 0\",wheat,900,9,red\r\n" },
        new("predict, unseen category", Predict, "in.csv, line 3", "'flour'", "'oats'", "rye") { Rows = Known + "\"Lyon, \"\"Est\"\" 0\",oats,900,9,1300\r\n" },
        new("adapt, unseen category", Adapt, "in.csv, line 5", "'flour'", "'oats'", "rye") { Rows = Good + "new,oats,900,9,1300\r\n" },
        new("train, a column twice", Train, "in.csv", "'hour'", "two columns named", "rename") { Rows = "shop,flour,hour,hour,price_eur\r\na,wheat,1,2,3\r\n" },
    ];

    private static IEnumerable<BadInputCase> Numbers() =>
    [
        new("train, text in the target", Train, "in.csv, line 5, column 'price_eur'", "'cheap'", "number") { Rows = Good + "new,wheat,900,9,cheap\r\n" },
        new("adapt, text in a number", Adapt, "in.csv, line 5, column 'weight_g'", "'heavy'", "number") { Rows = Good + "new,wheat,heavy,9,1300\r\n" },
        new("predict, text in a number", Predict, "in.csv, line 3, column 'hour'", "'noon'", "number") { Rows = Known + "\"Lyon, \"\"Est\"\" 0\",wheat,900,noon,1300\r\n" },
        new("train, NaN", Train, "in.csv, line 5, column 'price_eur'", "'NaN' is not a finite number", "remove the row") { Rows = Good + "new,wheat,900,9,NaN\r\n" },
        new("adapt, NaN", Adapt, "in.csv, line 5, column 'hour'", "'nan' is not a finite number", "remove the row") { Rows = Good + "new,wheat,900,nan,1300\r\n" },
        new("train, infinity", Train, "in.csv, line 5, column 'weight_g'", "'-Infinity' is not a finite number", "remove the row") { Rows = Good + "new,wheat,-Infinity,9,1300\r\n" },
        new("adapt, infinity", Adapt, "in.csv, line 5, column 'price_eur'", "'inf' is not a finite number", "remove the row") { Rows = Good + "new,wheat,900,9,inf\r\n" },
        new("predict, infinity", Predict, "in.csv, line 3, column 'hour'", "'1e999' is not a finite number", "remove the row") { Rows = Known + "\"Lyon, \"\"Est\"\" 0\",wheat,900,1e999,1300\r\n" },
        new("adapt, nothing in a number", Adapt, "in.csv, line 5, column 'hour'", "missing", "--drop-missing") { Rows = Good + "new,wheat,900,,1300\r\n" },
        new("adapt, no task", Adapt, "in.csv, line 5, column 'shop'", "missing", "--drop-missing") { Rows = Good + ",wheat,900,9,1300\r\n" },
    ];

    private static IEnumerable<BadInputCase> Sizes() =>
    [
        new("train, one row", Train, "one row", "at least") { Rows = Bakeries.Header + "\r\nnew,wheat,900,9,1300\r\n" },
        new("fit, a task of one row", Fit, "in.csv, line 5", "'tiny' has one row", "--min-rows") { Rows = Good + "tiny,wheat,900,9,1300\r\n" },
        new("adapt, a task of one row", Adapt, "in.csv, line 5", "'tiny' has one row", "--min-rows") { Rows = Good + "tiny,wheat,900,9,1300\r\n" },
        new("adapt, no task of enough rows", Adapt + " --min-rows 3", "in.csv", "no task has 3 rows", "--min-rows") { Rows = Good },
        new("train, constant target", Train, "'price_eur'", "1300 in every row", "varies") { Rows = Bakeries.Header + "\r\na,wheat,1,2,1300\r\na,wheat,3,4,1300\r\nb,wheat,5,6,1300\r\n" },
        new("fit, constant target", Fit, "'price_eur'", "1300 in every row", "varies") { Rows = Bakeries.Header + "\r\na,wheat,1,2,1300\r\na,wheat,3,4,1300\r\n" },
        new("train, a network too large", Train + " --hidden 1000000,1000000", "network", "parameters", "at most") { Rows = Good },
    ];

    private static IEnumerable<BadInputCase> Names() =>
    [
        new("train, name taken", "sources train bakeries --data SCORED LABELLED", "'bakeries' exists already", "choose another name"),
        new("fit, unknown source", "prior fit nobody --data SCORED LABELLED", "no source named 'nobody'", "adapt sources list"),
        new("adapt, unknown source", "tasks adapt nobody --data SCORED LABELLED", "no source named 'nobody'", "adapt sources list"),
        new("predict, unknown source", "predict nobody --data SCORED --task shop --out OUT", "no source named 'nobody'", "adapt sources list"),
        new("evaluate, unknown source", "evaluate nobody --data SCORED LABELLED", "no source named 'nobody'", "adapt sources list"),
        new("show, unknown source", "sources show nobody", "no source named 'nobody'", "adapt sources list"),
        new("prior show, unknown source", "prior show nobody", "no source named 'nobody'", "adapt sources list"),
        new("prior set, unknown source", "prior set nobody --scale 1 --noise-variance 1", "no source named 'nobody'", "adapt sources list"),
        new("list, unknown source", "tasks list --source nobody", "no source named 'nobody'", "adapt sources list"),
        new("predict, unknown task", Predict, "in.csv, line 3", "no task 'stranger'", "adapt tasks adapt") { Rows = Known + "stranger,wheat,900,9,1300\r\n" },
        new("evaluate, unknown task", Evaluate, "in.csv, line 3", "no task 'stranger'", "adapt tasks adapt") { Rows = Known + "stranger,wheat,900,9,1300\r\n" },
        new("show, unknown task", "tasks show stranger", "no task named 'stranger'", "adapt tasks list"),
        new("show, unknown task of a source", "tasks show stranger --source bakeries", "no task named 'stranger'", "adapt tasks list"),
        new("delete, unknown task", "tasks delete stranger", "no task named 'stranger'", "adapt tasks list"),
        new("adapt, a task name with a line break", Adapt, "in.csv, line 5", "control characters", "change the name") { Rows = Good + "\"two\nlines\",wheat,900,9,1300\r\n\"two\nlines\",wheat,901,9,1301\r\n" },
        new("train, a name of blanks", "sources train BLANK --data SCORED LABELLED", "source", "empty", "give a name"),
    ];

    private static IEnumerable<BadInputCase> Panels() =>
    [
        new("panel, missing file", "panels adapt bakeries new --data MISSING --targets a", "missing.csv", "no such file", "check the path"),
        new("panel, no targets", "panels adapt bakeries new --data IN", "--targets", "it is not given", "--targets-from") { Rows = Wide },
        new("panel, targets twice over", "panels adapt bakeries new --data IN --targets a --targets-from a", "--targets-from", "use one of them") { Rows = Wide },
        new("panel, a target twice", "panels adapt bakeries new --data IN --targets a,a", "--targets", "'a' is named twice", "name it once") { Rows = Wide },
        new("panel, unknown target", "panels adapt bakeries new --data IN --targets aa", "in.csv", "no column 'aa'", "did you mean") { Rows = Wide },
        new("panel, an unknown first target", "panels adapt bakeries new --data IN --targets-from c", "in.csv", "no column 'c'") { Rows = Wide },
        new("panel, an input as target", Panel + "hour", "in.csv, column 'hour'", "it is no target", "name targets only") { Rows = Wide },
        new("panel, text in a cell", Panel + "a", "in.csv, line 6, column 'a'", "'many' is not a number", "correct the value") { Rows = Wide + "wheat,900,9,many,4\r\n" },
        new("panel, NaN in a cell", Panel + "a", "in.csv, line 6, column 'a'", "'NaN' is not a finite number", "correct the value") { Rows = Wide + "wheat,900,9,NaN,4\r\n" },
        new("panel, a missing input", Panel + "a", "in.csv, line 6, column 'hour'", "missing", "--drop-missing") { Rows = Wide + "wheat,900,,5,4\r\n" },
        new("panel, a target with one row", Panel + "b", "in.csv, column 'b'", "observed one row", "leave the column out") { Rows = Wide },
        new("panel, a missing column", Panel + "a", "in.csv", "missing column 'weight_g'", "add what") { Rows = "flour,hour,a\r\nwheat,9,1\r\nwheat,10,2\r\n" },
        new("panel, an unseen category", Panel + "a", "in.csv, line 6, column 'flour'", "'oats'", "known") { Rows = Wide + "oats,900,9,5,4\r\n" },
        new("panel, a source that is not", "panels adapt nobody new --data IN --targets a", "no source named 'nobody'", "adapt sources list") { Rows = Wide },
        new("panel, a name of blanks", "panels adapt bakeries BLANK --data IN --targets a", "panel", "empty", "give a name") { Rows = Wide },
        new("panel predict, no such panel", "panels predict bakeries none --data IN --out OUT", "no panel named 'none'", "adapt panels adapt") { Rows = Wide },
        new("panel predict, no such folder for the result", "panels predict bakeries none --data IN --out NOFOLDER", "there is no folder", "create it") { Rows = Wide },
        new("panel show, no such panel", "panels show bakeries none", "no panel named 'none'", "adapt panels adapt"),
        new("panel delete, no such panel", "panels delete bakeries none", "no panel named 'none'", "adapt panels adapt"),
    ];

    private static IEnumerable<BadInputCase> Options() =>
    [
        new("epochs 0", "sources train new --data SCORED LABELLED --epochs 0", "--epochs", "it is 0", "at least 1"),
        new("batch size 0", "sources train new --data SCORED LABELLED --batch-size 0", "--batch-size", "it is 0", "at least 1"),
        new("patience -3", "sources train new --data SCORED LABELLED --patience -3", "--patience", "it is -3", "at least 1"),
        new("learning rate 0", "sources train new --data SCORED LABELLED --learning-rate 0", "--learning-rate", "it is 0", "above 0"),
        new("learning rate NaN", "sources train new --data SCORED LABELLED --learning-rate NaN", "--learning-rate", "it is NaN", "above 0"),
        new("hidden 0", "sources train new --data SCORED LABELLED --hidden 0", "--hidden", "'0' is no width", "as in 64,64"),
        new("hidden 64,-1", "sources train new --data SCORED LABELLED --hidden 64,-1", "--hidden", "'-1' is no width", "as in 64,64"),
        new("hidden 64;64", "sources train new --data SCORED LABELLED --hidden 64;64", "--hidden", "'64;64' is no width", "as in 64,64"),
        new("activation unknown", "sources train new --data SCORED LABELLED --activation tahn", "activation", "'tahn'", "tanh"),
        new("concurrency 0", "tasks adapt bakeries --data SCORED LABELLED --concurrency 0", "--concurrency", "it is 0", "at least 1"),
        new("min rows -1", "tasks adapt bakeries --data SCORED LABELLED --min-rows -1", "--min-rows", "it is -1", "at least 0"),
        new("rows per task 0", "prior fit bakeries --data SCORED LABELLED --rows-per-task 0", "--rows-per-task", "it is 0", "at least 1"),
        new("iterations 0", "prior fit bakeries --data SCORED LABELLED --iterations 0", "--iterations", "it is 0", "at least 1"),
        new("scales unknown", "prior fit bakeries --data SCORED LABELLED --scales many", "--scales", "'many'", "block or single"),
        new("scale -1", "prior set bakeries --scale -1 --noise-variance 1", "--scale", "it is -1", "at least 0"),
        new("noise variance 0", "prior set bakeries --scale 1 --noise-variance 0", "--noise-variance", "it is 0", "above 0"),
        new("mean unknown", "prior set bakeries --scale 1 --noise-variance 1 --mean one", "--mean", "'one'", "source or zero"),
        new("port -1", "silo --port -1", "--port", "-1 is no port", "65535"),
        new("port 70000", "silo --port 70000", "--port", "70000", "65535"),
        new("threads 0", "silo --threads 0", "--threads", "it is 0", "at least 1"),
        new("tenant empty", "sources list --tenant BLANK", "tenant", "empty", "give a name"),
        new("cluster without a port", "sources list --cluster localhost", "--cluster", "'localhost' is not host:port", "use host:port"),
        new("cluster with an unknown host", "sources list --cluster nobody.invalid:4000", "--cluster", "'nobody.invalid'", "check the host name"),
        new("a second silo", "silo", "--data-dir", "in use by process", "adapt silo"),
    ];
}
