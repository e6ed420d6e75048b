// Comforts of console and portal, each in a file of its own. Every page works without them.
import "./choosing.js";
import "./connection.js";
import "./drafts.js";
import "./following.js";
import "./keys.js";
import "./leaving.js";
import "./menus.js";
import "./selection.js";
import "./sending.js";
import "./swapped.js";
import "./times.js";
import "./watching.js";
